"""What the model texts say otherwise from country to country: laws, years, and whom a shopper can turn to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """`guarantee_years` by law for goods to consumers. Names of laws and offices stand as they are called at home."""

    guarantee_years: int
    guarantee_law: str
    withdrawal_law: str
    imprint_law: str
    data_office: str
    data_office_url: str
    disputes_url: str  # where consumers find help or a place for settling disputes out of court
    complaints_url: str = ""  # a book of complaints that every shop must link to


RULES: dict[str, Rules] = {
    "PT": Rules(3, "Decreto-Lei n.º 84/2021", "Decreto-Lei n.º 24/2014", "Decreto-Lei n.º 7/2004, art. 10.º",
                "Comissão Nacional de Proteção de Dados (CNPD)", "https://www.cnpd.pt",
                "https://www.consumidor.gov.pt", "https://www.livroreclamacoes.pt"),
    "ES": Rules(3, "Real Decreto Legislativo 1/2007", "Real Decreto Legislativo 1/2007, arts. 102 ss.",
                "Ley 34/2002 (LSSI), art. 10", "Agencia Española de Protección de Datos (AEPD)",
                "https://www.aepd.es", "https://www.consumo.gob.es"),
    "FR": Rules(2, "Code de la consommation, art. L217-3", "Code de la consommation, art. L221-18",
                "Loi n° 2004-575 (LCEN)", "Commission nationale de l’informatique et des libertés (CNIL)",
                "https://www.cnil.fr", "https://www.economie.gouv.fr/mediation-conso"),
    "DE": Rules(2, "§§ 434 ff. BGB", "§§ 312g, 355 BGB", "§ 5 DDG",
                "Datenschutzaufsichtsbehörde des Bundeslandes", "https://www.bfdi.bund.de",
                "https://www.verbraucher-schlichter.de"),
    "IT": Rules(2, "Codice del Consumo, art. 128 ss.", "Codice del Consumo, art. 52",
                "D.Lgs. 70/2003, art. 7", "Garante per la protezione dei dati personali",
                "https://www.garanteprivacy.it", "https://www.mimit.gov.it"),
}  # fmt: skip
# For every other country: what directives of the European Union ask for everywhere.
GENERAL = Rules(
    2, "Directive (EU) 2019/771", "Directive 2011/83/EU", "Directive 2000/31/EC, art. 5", "", "", ""
)


def rules_of(country: str) -> Rules:
    return RULES.get(country, GENERAL)
