"""Paloma, at the beginning: the intake, its note still a draft, the first forms. She writes in Spanish."""

from datetime import time

from server.demo.story import AT_HOME, LOW, Entry, Filled, Page, Story, Visit

INTAKE = Visit(
    days_ago=6,
    hour=10,
    visit_type="intake",
    minutes=55,
    where="Calle Sol 14, Miami, FL",
    body=LOW | AT_HOME | {"chief_complaint": "Panic on the motorway, now avoids driving."},
    signed=False,
)

FIRST_PAGE = Page(
    at=time(21, 25),
    body={
        "text": "Hoy llevé a la niña al colegio por la calle de atrás, que tarda el doble. No me avergüenza tanto "
        "como ayer. La doctora de mi madre decía que el miedo es un perro pequeño que ladra mucho.",
        "emotion": "Cansancio, y un poco de risa.",
        "body": "El pecho apretado en el semáforo; después, nada.",
        "integration": "El domingo, una vuelta a la manzana con mi hermano al lado.",
    },
)

PALOMA = Story(
    guest="paloma",
    visits=(INTAKE,),
    entries=(Entry(days_ago=3, pages=(FIRST_PAGE,)),),
    measures=(
        Filled(at=(4, time(22, 0)), code="phq-9", answers="112101110", difficulty=1),
        Filled(at=(4, time(22, 6)), code="gad-7", answers="2222123", difficulty=2),
    ),
)
