"""What made-up customers and agents write: sentences with gaps, by language and by what the case is about."""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


FIRST_NAMES = _words(
    "Anna Erik Maria Lars Ingrid Ole Mette Jens Åsa Björn Søren Kirsten Emma William Olivia Noah Astrid Sigrid Håkon"
    " Freja Emil Sofie Oskar Elin Gustav Maja Hugo Nora Jakob Ida Viktor Alma Axel Saga Leif Tove Birgitta Göran"
)
LAST_NAMES = _words(
    "Andersson Johansson Hansen Olsen Jensen Nielsen Berg Lind Holm Dahl Nygård Møller Sjöberg Ström Ekman Haugen"
    " Bakke Kristensen Sørensen Petersen Wallin Åberg Öberg Lundgren Fransson Solberg Vik Moen Thomsen Smith Brown"
)
PRODUCTS = {
    "en": _words("jacket tent backpack sleeping-bag stove boots headlamp thermos rope raincoat"),
    "sv": _words("jacka tält ryggsäck sovsäck gasolkök kängor pannlampa termos rep regnjacka"),
    "nb": _words("jakke telt ryggsekk sovepose primus støvler hodelykt termos tau regnjakke"),
    "da": _words("jakke telt rygsæk sovepose gasblus støvler pandelampe termokande reb regnjakke"),
}
CITIES = _words("Göteborg Malmö Uppsala Umeå Oslo Bergen Trondheim Tromsø København Aarhus Odense Aalborg London")
# The topics of a shop: slug and team, and what is asked about it.
TOPICS = {"delivery": "orders", "returns": "returns", "payment": "payments", "account": "orders", "repairs": "workshop"}

QUESTIONS: dict[str, dict[str, list[str]]] = {
    "en": {
        "delivery": [
            "My parcel with order {order} has not come although it was sent {days} days ago.",
            "The tracking page says that the {product} waits in {city}, but nobody there knows of it.",
            "Can you change the delivery address to {street} in {city}?",
            "The courier left the {product} in the rain and the box was soaked.",
        ],
        "returns": [
            "I sent back the {product} two weeks ago and have not got my money.",
            "How do I return a {product} that is the wrong size?",
            "The return label for order {order} cannot be printed.",
            "May I exchange the {product} for a larger one in the shop in {city}?",
        ],
        "payment": [
            "I was charged twice for order {order}, {amount} each time.",
            "The gift card {code} is refused when I want to pay for a {product}.",
            "Please send me the invoice for order {order} with our company name.",
            "The reminder says {amount}, but I have paid the invoice already.",
        ],
        "account": [
            "I cannot log in with my new phone, and the code never comes.",
            "Please delete my account and all that you know about me.",
            "My bonus points from order {order} are missing.",
        ],
        "repairs": [
            "The zip of my {product} broke after {days} days, can it be repaired?",
            "I handed in a {product} to the workshop in {city} and have heard nothing.",
            "Where can I buy spare parts, number {code}, for the {product}?",
        ],
    },
    "sv": {
        "delivery": [
            "Mitt paket med order {order} har inte kommit fast det skickades för {days} dagar sedan.",
            "Spårningen säger att min {product} ligger i {city}, men ombudet hittar ingenting.",
            "Kan ni ändra leveransadressen till {street} i {city}?",
            "Budet ställde min {product} i regnet och kartongen var genomblöt.",
        ],
        "returns": [
            "Jag skickade tillbaka min {product} för två veckor sedan och har inte fått återbetalningen.",
            "Hur returnerar jag en {product} som har fel storlek?",
            "Returetiketten för order {order} går inte att skriva ut.",
            "Kan jag byta min {product} mot en större i butiken i {city}?",
        ],
        "payment": [
            "Jag har betalat order {order} två gånger, {amount} vardera.",
            "Presentkortet {code} fungerar inte när jag vill köpa en {product}.",
            "Skicka fakturan för order {order} med vår fakturaadress, tack.",
            "Betalningspåminnelsen gäller {amount}, men fakturan är redan betald.",
        ],
        "account": [
            "Jag kan inte logga in med min nya telefon och inloggningskoden kommer aldrig.",
            "Radera mitt konto och alla personuppgifter ni har om mig.",
            "Bonuspoängen från order {order} saknas på mitt medlemskonto.",
        ],
        "repairs": [
            "Dragkedjan på min {product} gick sönder efter {days} dagar, kan den lagas?",
            "Jag lämnade in en {product} på verkstaden i {city} och har inte hört något.",
            "Var köper jag reservdelar, nummer {code}, till min {product}?",
        ],
    },
    "nb": {
        "delivery": [
            "Pakken min med ordre {order} har ikke kommet selv om den ble sendt for {days} dager siden.",
            "Sporingen sier at {product} ligger i {city}, men ingen der finner den.",
            "Kan dere endre leveringsadressen til {street} i {city}?",
        ],
        "returns": [
            "Jeg sendte tilbake {product} for to uker siden, men har ikke fått refusjonen.",
            "Hvordan returnerer jeg en {product} i feil størrelse?",
            "Returetiketten for ordre {order} kan ikke skrives ut.",
        ],
        "payment": [
            "Jeg er belastet to ganger for ordre {order}, {amount} hver gang.",
            "Gavekortet {code} virker ikke når jeg vil kjøpe en {product}.",
            "Send meg fakturaen for ordre {order} med riktig fakturaadresse.",
        ],
        "account": [
            "Jeg kan ikke logge inn med ny telefon, og koden kommer aldri.",
            "Slett kontoen min og alle opplysninger dere har om meg.",
        ],
        "repairs": [
            "Glidelåsen på {product} gikk i stykker etter {days} dager, kan den repareres?",
            "Jeg leverte en {product} til verkstedet i {city} og har ikke hørt noe.",
        ],
    },
    "da": {
        "delivery": [
            "Min pakke med ordre {order} er ikke kommet, selv om den blev sendt for {days} dage siden.",
            "Sporingen siger, at {product} ligger i {city}, men pakkeshoppen finder den ikke.",
            "Kan I ændre leveringsadressen til {street} i {city}?",
        ],
        "returns": [
            "Jeg sendte min {product} retur for to uger siden og har ikke fået pengene tilbage.",
            "Hvordan returnerer jeg en {product} i forkert størrelse?",
            "Returlabelen til ordre {order} kan ikke printes.",
        ],
        "payment": [
            "Jeg er trukket to gange for ordre {order}, {amount} hver gang.",
            "Gavekortet {code} virker ikke, når jeg vil købe en {product}.",
            "Send mig fakturaen for ordre {order} med vores fakturaadresse.",
        ],
        "account": [
            "Jeg kan ikke logge ind med min nye telefon, og koden kommer aldrig.",
            "Slet min konto og alt, hvad I ved om mig.",
        ],
        "repairs": [
            "Lynlåsen på min {product} gik i stykker efter {days} dage, kan den repareres?",
            "Jeg afleverede en {product} på værkstedet i {city} og har intet hørt.",
        ],
    },
}
STORY = {
    "en": [
        "I have written before, but nobody answered.",
        "It is a birthday present for my daughter.",
        "I have attached a picture.",
        "Please call me on {phone}.",
        "We leave on holiday on Friday.",
        "I have been a customer for {days} years.",
    ],
    "sv": [
        "Jag har skrivit förut men ingen svarade.",
        "Det är en födelsedagspresent till min dotter.",
        "Jag bifogar en bild.",
        "Ring mig gärna på {phone}.",
        "Vi åker på semester på fredag.",
        "Jag har varit kund i {days} år.",
    ],
    "nb": [
        "Jeg har skrevet før, men ingen svarte.",
        "Det er en bursdagsgave til datteren min.",
        "Jeg legger ved et bilde.",
        "Ring meg gjerne på {phone}.",
        "Vi reiser på ferie på fredag.",
    ],
    "da": [
        "Jeg har skrevet før, men ingen svarede.",
        "Det er en fødselsdagsgave til min datter.",
        "Jeg vedhæfter et billede.",
        "Ring gerne til mig på {phone}.",
        "Vi rejser på ferie på fredag.",
    ],
}
ANSWERS = {
    "en": [
        "I have asked the carrier, and will write again within two days.",
        "The money is on its way and should reach you within five working days.",
        "Please send us a picture of the {product}, then we can go on.",
        "A new {product} leaves our warehouse in {city} today.",
    ],
    "sv": [
        "Jag har frågat transportören och återkommer inom två dagar.",
        "Pengarna är på väg och bör nå dig inom fem bankdagar.",
        "Skicka gärna en bild på din {product}, så går vi vidare.",
        "En ny {product} lämnar vårt lager i {city} i dag.",
    ],
    "nb": [
        "Jeg har spurt transportøren og skriver igjen innen to dager.",
        "Pengene er på vei og bør nå deg innen fem virkedager.",
        "Send oss gjerne et bilde av {product}, så går vi videre.",
        "En ny {product} sendes fra lageret i {city} i dag.",
    ],
    "da": [
        "Jeg har spurgt fragtfirmaet og skriver igen inden for to dage.",
        "Pengene er på vej og bør nå dig inden for fem bankdage.",
        "Send os gerne et billede af din {product}, så går vi videre.",
        "En ny {product} forlader vores lager i {city} i dag.",
    ],
}
NOTES = [
    "Asked the warehouse in {city}; they look for it.",
    "Phoned {phone}, no answer. Order {order}.",
    "Same as the others from {city} this week.",
]
TAGS = _words(
    "vip christmas carrier-delay damaged wrong-size warranty gift-card invoice refund-late login fraud b2b store"
    " pickup recall"
)
CAUSES = ["Carrier late", "Size guide unclear", "Payment page", "Label printer", "Website text", "Product fault"]
