"""Invented people: first names, family names, and places with postcodes that exist in form."""

FIRST = {
    "PT": ("Maria", "João", "Beatriz", "Pedro", "Inês", "Rui", "Catarina", "Nuno", "Marta", "Diogo", "Teresa", "Hugo",
           "Leonor", "Vasco", "Helena", "Gonçalo", "Mariana", "Filipe", "Carolina", "André", "Alice", "Bruno",
           "Matilde", "Ricardo"),
    "ES": ("Lucía", "Álvaro", "Carmen", "Javier", "Elena", "Pablo"),
    "FR": ("Camille", "Julien", "Chloé", "Antoine", "Manon", "Hugo"),
    "DE": ("Lena", "Jonas", "Anke", "Felix", "Jule", "Matthias"),
    "IT": ("Giulia", "Marco", "Chiara", "Luca"),
    "NL": ("Sanne", "Daan", "Femke", "Bram"),
    "GB": ("Emily", "Oliver", "Grace", "Harry"),
    "US": ("Megan", "Tyler", "Hannah", "Ethan"),
}  # fmt: skip

LAST = {
    "PT": ("Silva", "Almeida", "Fonseca", "Carvalho", "Teixeira", "Pinto", "Moura", "Rebelo", "Tavares", "Coelho",
           "Antunes", "Barros", "Lourenço", "Figueiredo", "Matos", "Nogueira", "Azevedo", "Simões", "Cruz", "Guerreiro",
           "Pacheco", "Vaz", "Brandão", "Leitão"),
    "ES": ("García", "Navarro", "Ortega", "Ibáñez", "Molina", "Serrano"),
    "FR": ("Lefèvre", "Moreau", "Girard", "Dubois", "Perrin", "Garnier"),
    "DE": ("Schröder", "Vogel", "Krämer", "Winkler", "Brandt", "Seidel"),
    "IT": ("Ferrari", "Conti", "Gallo", "Rinaldi"),
    "NL": ("de Vries", "Visser", "Mulder", "Bakker"),
    "GB": ("Hughes", "Barker", "Whitfield", "Doyle"),
    "US": ("Carter", "Nguyen", "Sullivan", "Brooks"),
}  # fmt: skip

# (city, postcode, street)
PLACES = {
    "PT": (("Lisboa", "1150-082", "Rua das Flores"), ("Lisboa", "1700-214", "Avenida da Igreja"),
           ("Porto", "4000-322", "Rua de Santa Catarina"), ("Porto", "4150-171", "Rua do Campo Alegre"),
           ("Coimbra", "3000-150", "Rua da Sofia"), ("Braga", "4700-425", "Rua do Souto"),
           ("Aveiro", "3810-164", "Rua do Gravito"), ("Évora", "7000-503", "Rua da República"),
           ("Faro", "8000-139", "Rua de Santo António"), ("Setúbal", "2900-266", "Avenida Luísa Todi"),
           ("Viseu", "3500-147", "Rua Formosa"), ("Leiria", "2400-120", "Rua Barão de Viamonte")),
    "PT-islands": (("Ponta Delgada", "9500-150", "Rua do Mercado"), ("Funchal", "9000-054", "Rua da Carreira"),
                   ("Angra do Heroísmo", "9700-091", "Rua da Sé")),
    "ES": (("Madrid", "28012", "Calle de Atocha"), ("Sevilla", "41004", "Calle Sierpes"),
           ("Vigo", "36202", "Rúa do Príncipe")),
    "FR": (("Paris", "75011", "Rue Oberkampf"), ("Lyon", "69004", "Rue d'Austerlitz"),
           ("Nantes", "44000", "Rue Crébillon")),
    "DE": (("Berlin", "10999", "Oranienstraße"), ("Hamburg", "20357", "Schanzenstraße"),
           ("Köln", "50672", "Brüsseler Straße")),
    "IT": (("Torino", "10124", "Via Po"), ("Bologna", "40126", "Via Zamboni")),
    "NL": (("Utrecht", "3511 LX", "Oudegracht"), ("Rotterdam", "3011 HE", "Meent")),
    "GB": (("Bristol", "BS1 4DJ", "Park Street"), ("Edinburgh", "EH1 1RE", "Cockburn Street")),
    "US": (("Portland", "97209", "NW Flanders Street"), ("Brooklyn", "11215", "5th Avenue")),
}  # fmt: skip

REGIONS = {"97209": "OR", "11215": "NY"}
