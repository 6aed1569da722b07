"""Textos da loja `atelier`. The catalogue's own words too: `atelier` sells a selection under Portuguese names."""

STORE = {
    "name": "Atelier Barro & Lã",
    "tagline": "Peças feitas devagar, para usar todos os dias.",
    "legal_name": "Atelier Barro e Lã, Unipessoal Lda.",
    "legal_address": "Travessa da Amostra 7\n4050-253 Porto\nPortugal",
    "footer_text": "Uma loja inventada. Nada aqui está à venda e nenhuma encomenda vai chegar.",
    "bank": "Transfira o total para o IBAN PT50 0007 0245 0012 3456 7891 2 (BIC ATELPTPL), em nome de Atelier Barro e "
    "Lã, e indique o número da encomenda. Preparamos tudo assim que o valor chegar.",
}

SHIPPING = {
    "mainland": (
        "Portugal continental",
        "Entrega ao domicílio",
        "Ponto de recolha",
        "Levantar no atelier, Porto",
    ),
    "islands": ("Açores e Madeira", "Correio para as ilhas", "", ""),
    "europe": ("União Europeia", "Encomenda com seguimento", "Expresso", ""),
    "world": ("Resto do mundo", "Internacional, com seguimento", "", ""),
}

COUPONS = {
    "welcome": "10 % na primeira encomenda",
    "minus": "5 € em compras a partir de 40 €",
    "old": "Campanha de verão, terminada",
}

HISTORY = {
    "note": "Se não estiver ninguém, por favor deixar no rés-do-chão.",
    "hold": "A morada parece incompleta; perguntámos ao cliente.",
    "returned": "Não servia, devolvido sem uso",
    "all_returned": "Tudo devolvido no prazo de trinta dias",
    "changed_mind": "O cliente mudou de ideias.",
    "damaged": "A última peça partiu-se no atelier.",
}

CATEGORIES = {
    "ceramics": ("ceramica", "Cerâmica", "Rodada à mão, cozida em lenha quando o tempo deixa.", None),
    "table": ("mesa", "Mesa", "Pratos, taças e o que vai ao meio.", "ceramics"),
    "tea": ("cha-e-cafe", "Chá e café", "Para demorar um pouco mais.", "ceramics"),
    "wool": ("la-e-tecido", "Lã e tecido", "Da ovelha ao tear, sem pressa.", None),
    "knits": ("malhas", "Malhas", "Quentes por dentro, simples por fora.", "wool"),
    "light": ("casa", "Casa", "Luz, cheiro e um canto sossegado.", None),
    "kitchen": ("cozinha", "Cozinha", "Ferro, madeira e bom azeite.", None),
    "desk": ("papel", "Papel", "Para escrever e para pendurar.", None),
    "skin": ("banho", "Banho", "Sabões curados seis semanas.", None),
}

ATTRIBUTES = {"Color": "Cor", "Size": "Tamanho", "Scent": "Aroma", "Set": "Conjunto", "Ruling": "Pauta",
              "Weight": "Peso", "Format": "Formato"}  # fmt: skip

VALUES = {
    "Forest": "Floresta", "Terracotta": "Terracota", "Cream": "Creme", "Petrol": "Petróleo", "Ochre": "Ocre",
    "Moss": "Musgo", "Navy": "Marinho", "Rose": "Rosa", "Plum": "Ameixa", "Sky": "Céu", "Charcoal": "Carvão",
    "Sand": "Areia", "Walnut": "Nogueira", "Single": "Um prato", "Set of 4": "Conjunto de 4",
    "Set of 6": "Conjunto de 6", "Pine resin": "Resina de pinheiro", "Fig leaf": "Folha de figueira",
    "Sea salt": "Sal do mar", "Blank": "Liso", "Lined": "Pautado", "Dotted": "Pontilhado",
    "Bottle 300 ml": "Frasco 300 ml", "Refill 1 l": "Recarga 1 l", "A3 framed": "A3 com moldura",
}  # fmt: skip

TAGS = {"handmade": "feito à mão", "gift": "para oferecer", "bestseller": "mais vendido", "wool": "lã",
        "winter": "inverno", "portugal": "português", "wood": "madeira", "food": "mercearia", "vegan": "vegan",
        "new": "novidade", "art": "impressões", "textile": "têxtil", "leather": "couro", "organic": "algodão bio",
        "refill": "recarga", "fragile": "frágil", "plant": "planta", "induction": "indução",
        "limited": "edição limitada"}  # fmt: skip

# slug in the catalogue: (slug here, category, name, short, text, price without tax)
PRODUCTS = {
    "teapot-redonda": ("bule-redondo", "tea", "Bule Redondo 0,9 l", "Grés, com coador.",
        "Grés vidrado por dentro e por fora, com um coador largo para as folhas abrirem à vontade. Pode ir à "
        "máquina.", "34.00"),
    "mug-tarde": ("caneca-tarde", "tea", "Caneca Tarde 330 ml", "Grés, 330 ml.",
        "Rodada à mão: não há duas bordas iguais. Grossa o bastante para guardar o calor de uma conversa longa.",
        "12.50"),
    "dripper-set": ("conjunto-filtro", "tea", "Filtro e Jarro para Dois", "Cone, jarro e 40 filtros.",
        "Cone de cerâmica, jarro de vidro e um colar de madeira para ninguém queimar os dedos.", "29.50"),
    "bowl-mare": ("taca-mare", "table", "Taça Maré", "Ø 26 cm, vai ao forno.",
        "Uma taça larga com uma linha de maré no pé: salada para quatro, ou sopa para quem tem fome.", "21.00"),
    "plate-azulejo": ("prato-azulejo", "table", "Prato Azulejo 27 cm", "Faiança pintada à mão.",
        "A cercadura é pintada a pincel, em cobalto, à maneira dos azulejos antigos. Vende-se à unidade porque cada "
        "casa parte um número diferente.", "16.50"),
    "vase-barro": ("jarra-barro-negro", "ceramics", "Jarra de Barro Negro", "Altura 31 cm.",
        "Cozida em soenga, até o fumo escurecer o barro. Segura água; segura ainda melhor o olhar.", "42.00"),
    "plant-agave": ("agave-em-vaso", "light", "Agave em Vaso", "Vaso Ø 14 cm.",
        "Uma planta paciente num vaso rodado, com prato. Regue quando se lembrar, não mais.", "18.00"),
    "candle-resina": ("vela-resina", "light", "Vela Resina", "40 h, pavio de algodão.",
        "Cera de colza com resina de pinheiro e um pouco de fumo. Arde cerca de quarenta horas.", "18.50"),
    "candle-citrus": ("vela-laranjal", "light", "Vela Laranjal", "40 h, pavio de algodão.",
        "Flor de laranjeira, com o amargo deixado lá dentro.", "18.50"),
    "lamp-lua": ("candeeiro-lua", "light", "Candeeiro Lua", "E14, lâmpada LED incluída.",
        "Abajur de linho sobre base torneada. Dá aquela luz que faz a sala parecer arrumada.", "75.00"),
    "clock-cais": ("relogio-cais", "light", "Relógio Cais", "Ø 30 cm, 1 pilha AA.",
        "Ponteiro silencioso e aro de faia curvada. Às três da manhã não se ouve nada.", "54.00"),
    "cushion-riscas": ("almofada-riscas", "wool", "Almofada Riscas", "45 × 45 cm.",
        "Capa às riscas tecida num tear antigo, enchimento sem penas, fecho escondido.", "27.50"),
    "blanket-serra": ("manta-serra", "wool", "Manta Serra da Estrela", "220 × 180 cm, lã.",
        "Pura lã da serra, pisoada até o vento desistir. Para duas pessoas e muitos invernos.", "99.00"),
    "scarf-alva": ("cachecol-alva", "knits", "Cachecol Alva", "200 × 30 cm.",
        "Dois metros de lã cardada: dá duas voltas e ainda sobra para as mãos.", "38.00"),
    "beanie-nevoa": ("gorro-nevoa", "knits", "Gorro Névoa", "Tamanho único, merino.",
        "Canelado duplo com pompom que se tira, porque as opiniões divergem.", "20.50"),
    "jumper-fjord": ("camisola-fiorde", "knits", "Camisola Fiorde", "Lã de cordeiro, quente.",
        "Jacquard em lã de cordeiro, tricotada numa só peça: não há costura que pique.", "84.00"),
    "jumper-minho": ("camisola-minho", "knits", "Camisola Minho", "Merino, leve.",
        "Merino fino para os onze meses que não são agosto.", "72.00"),
    "tote-mercado": ("saco-mercado", "wool", "Saco Mercado", "Lona, 14 l.",
        "Lona forte com fundo direito onde cabe uma melancia. Bolso interior para as chaves.", "14.00"),
    "board-oliveira": ("tabua-oliveira", "kitchen", "Tábua de Oliveira", "38 × 26 cm, uma só peça.",
        "Cortada de troncos de poda e oleada à mão. O desenho é ideia da árvore.", "36.00"),
    "pan-ferro": ("frigideira-ferro", "kitchen", "Frigideira de Ferro 26 cm", "2,4 kg, vai ao forno.",
        "Já curada, pesada, praticamente eterna. Indução, gás ou brasas.", "46.00"),
    "knife-cozinha": ("faca-cozinha", "kitchen", "Faca de Cozinha 20 cm", "56 HRC, espigão inteiro.",
        "Lâmina inoxidável de alto carbono e cabo de sobras de nogueira. Chega afiada; assim fica se não dormir no "
        "lava-loiça.", "66.00"),
    "azeite-cordovil": ("azeite-cordovil", "kitchen", "Azeite Cordovil 500 ml", "Tomate verde, final apimentado.",
        "Azeite de colheita temprana, de uma só variedade, extraído a frio em seis horas. Acidez inferior a 0,2 %.",
        "13.50"),
    "soap-alfazema": ("sabao-alfazema", "skin", "Sabão de Alfazema", "100 g, vegan.",
        "Feito a frio, com alfazema da encosta do vizinho. Curado seis semanas.", "4.90"),
    "soap-laranja": ("sabao-laranja-aveia", "skin", "Sabão de Laranja e Aveia", "100 g, vegan.",
        "Óleo de laranja e aveia moída; esfrega um pouco.", "4.90"),
    "handwash-figo": ("sabonete-liquido-figo", "skin", "Sabonete Líquido de Figo", "300 ml, com recarga.",
        "Folha de figueira e pimenta preta, num frasco feito para voltar a encher.", "12.00"),
    "notebook-linho": ("caderno-linho", "desk", "Caderno Linho A5", "A5, 160 páginas.",
        "160 páginas de papel creme, cosidas para abrir de todo, encadernadas em linho.", "13.00"),
    "poster-duna": ("gravura-duna", "desk", "Gravura Duna", "Giclée, papel de algodão.",
        "Três cores sobre papel de algodão encorpado. A moldura só vem se a escolher.", "24.00"),
    "poster-noite": ("gravura-noite-clara", "desk", "Gravura Noite Clara", "Giclée, papel de algodão.",
        "A mesma costa, seis horas depois.", "24.00"),
}  # fmt: skip

PAGES = (
    (
        "entregas",
        "Entregas",
        """<h2>Quando chega</h2>
<p>Preparamos encomendas de segunda a sexta. O que se encomenda até às 14 horas sai no mesmo dia.</p>
<ul>
<li>Portugal continental: 1 a 2 dias úteis</li>
<li>Açores e Madeira: 4 a 8 dias úteis</li>
<li>União Europeia: 3 a 6 dias úteis</li>
<li>Resto do mundo: 7 a 15 dias úteis</li>
</ul>
<h2>Quanto custa</h2>
<p>O carrinho mostra o custo para a sua morada antes de pagar. No continente é grátis a partir de 60 €.</p>""",
    ),
    (
        "devolucoes",
        "Devoluções",
        """<h2>Trinta dias para pensar</h2>
<p>Pode devolver no prazo de trinta dias o que não quiser, sem uso e na embalagem, sem dizer porquê. Escreva-nos antes,
para sabermos o que vem a caminho.</p>
<h2>O que recebe</h2>
<p>O valor do que devolver, em cinco dias depois de o recebermos, pelo meio com que pagou.</p>
<h2>Chegou partido?</h2>
<p>Acontece ao barro. Envie uma fotografia: mandamos outro, ou devolvemos o dinheiro. Os cacos pode guardar.</p>""",
    ),
    (
        "sobre",
        "Sobre o atelier",
        """<p>Somos cinco: três mãos no barro, uma no tear e uma nas contas. Trabalhamos num rés-do-chão do Porto com
janelas para a rua, e quem passa pode entrar.</p>
<p>Fazemos poucas peças de cada vez. Quando acabam, acabam; às vezes voltam noutra cor.</p>""",
    ),
    (
        "contacto",
        "Contacto",
        """<p>Escreva para <a href="mailto:ola@atelier.test">ola@atelier.test</a>. Responde uma pessoa, quase sempre no
mesmo dia.</p>
<p>Telefone: +351 220 000 000, de segunda a sexta, das 9h30 às 17h30.</p>
<p>Atelier: Travessa da Amostra 7, 4050-253 Porto. De terça a sábado, das 10h às 19h.</p>""",
    ),
    (
        "privacidade",
        "Privacidade",
        """<p>Guardamos o que uma encomenda precisa: nome, moradas, e-mail, telefone se o deu, e o que comprou. Durante
o tempo que a lei pede às nossas contas, e nem mais um dia.</p>
<h2>Quem mais vê</h2>
<p>A transportadora e a empresa que trata do pagamento. O número do cartão nunca chega até nós.</p>
<h2>Os seus direitos</h2>
<p>Pode ver, corrigir, levar ou apagar o que temos sobre si, na sua conta ou por
<a href="mailto:privacidade@atelier.test">privacidade@atelier.test</a>. Pode reclamar junto da CNPD.</p>""",
    ),
    (
        "termos",
        "Condições de venda",
        """<h2>Quem vende</h2>
<p>Atelier Barro e Lã, Unipessoal Lda., Travessa da Amostra 7, 4050-253 Porto. É uma empresa inventada.</p>
<h2>O contrato</h2>
<p>A sua encomenda é uma proposta; a nossa confirmação aceita-a. Os preços são indicados sem IVA, que se soma antes de
encomendar, tal como o envio.</p>
<h2>Livre resolução</h2>
<p>Tem 14 dias após a receção para resolver o contrato, sem indicar o motivo. Por nossa vontade são trinta; veja
<a href="/pages/devolucoes">Devoluções</a>.</p>
<p>Livro de reclamações: <a href="https://www.livroreclamacoes.pt">livroreclamacoes.pt</a>.</p>
<p>Texto de exemplo para demonstração. Peça a quem sabe que veja o seu antes de o usar.</p>""",
    ),
)

REVIEWS: dict[str, tuple[tuple[int, str, str], ...]] = {
    "table": (
        (5, "Apetece usar todos os dias", "Mais pesada do que parece na fotografia, e ainda bem. Vai à máquina e não "
         "se nota."),
        (5, "Comprei uma, voltei por mais três", "A cor é mais quente à luz do dia."),
        (5, "Muito bem feita", "Vê-se que foi feita por alguém. As duas que tenho diferem um bocadinho, e gosto."),
        (4, "Gostei muito", "Um pouco mais pequena do que imaginava. Convém medir."),
        (4, "", "Tal e qual a fotografia. Chegou bem embalada."),
        (3, "Bonita", "Tinha uma pinta no vidrado, atrás. Ofereceram-se para trocar."),
        (5, "Presente certeiro", "A minha avó perguntou quem era o oleiro."),
        (2, "Veio partida", "Uma chegou em cacos. Mandaram outra em dois dias, sem perguntas."),
        (5, "", "Perfeita, e sem plástico na caixa."),
    ),
    "home": (
        (5, "Mudou o canto da sala", "Não pensava que uma coisa tão simples fizesse tanta diferença."),
        (5, "Excelente qualidade", "Sólido, discreto, bonito."),
        (4, "Um tom mais escuro", "A cor é um pouco mais escura do que na imagem, mas combina."),
        (4, "Recomendo", "Preço honesto para uma peça honesta."),
        (3, "Mais pequeno do que pensava", "Culpa minha, a medida está lá. Mesmo assim é bonito."),
        (5, "", "Chegou na véspera do aniversário. Obrigada!"),
    ),
    "wear": (
        (5, "Assenta bem", "Tenho 1,68 m e escolhi o M. Dez lavagens depois está igual."),
        (5, "Tão quentinha", "Usei-a no barco, com vento, sem casaco."),
        (4, "Um pouco larga", "Troquei pelo tamanho abaixo e ficou perfeita. A troca foi rápida."),
        (5, "Macia, não pica", "Normalmente não suporto lã. Esta suporto."),
        (3, "A cor é diferente", "Boa de vestir, mas menos viva do que no ecrã."),
        (4, "", "Boa qualidade, entrega rápida."),
    ),
    "care": (
        (5, "Cheira ao que diz", "E ao fim de uma hora já não cheira. Perfeito."),
        (4, "Dura muito", "Dois meses de uso diário e ainda há."),
        (4, "", "Simples e agradável."),
        (5, "Até que enfim uma recarga", "Toda a gente devia fazer assim."),
        (3, "Está bem", "Faz o que deve. A tampa podia fechar melhor."),
    ),
    "paper": (
        (5, "Abre de todo!", "Um caderno que fica aberto sozinho. Era só isto que eu queria."),
        (5, "Cores profundas", "Ainda mais bonita do que no site. Pendurei-a no mesmo dia."),
        (4, "Bom papel", "Um prazer escrever nele. Um canto vinha ligeiramente dobrado."),
        (4, "", "Como descrito."),
    ),
    "taste": (
        (5, "Do melhor", "Pão, azeite e mais nada."),
        (5, "Já encomendei outra vez", "Os amigos perguntaram todos de onde vinha."),
        (4, "Muito bom", "Intenso. Para quem gosta do amargo."),
        (4, "", "Chegou depressa e bem embalado."),
    ),
}  # fmt: skip
