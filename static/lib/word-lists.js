// The safety words themselves: in each language 256 short words that anybody can say and spell, one for every byte.
// Chosen so that none can be taken for another when heard or read: no two begin with the same three letters, and no two
// differ by a single sound. Calm things only. The lists are no translations of each other, and must never be reordered:
// two pages of different versions could then say different words for the same call.
const EN = `
  acorn album almond apple apron autumn avocado balloon bamboo banjo barn basil beaver bell bench bicycle birthday
  biscuit blanket blossom blueberry bracelet bread broccoli bucket bus butter cabin cactus cake calendar camel canoe
  carpet castle cedar cello cereal chair cheese chimney chocolate cinnamon circus clarinet cloud coconut coffee
  compass cookie corner cotton crayon cucumber cupboard curtain cushion daisy dinner dolphin domino donkey doorbell
  drum easel emerald envelope farmer feather ferry festival flamingo flower flute football forest fountain friend
  frog garden ginger giraffe glove goat golden goose grape guitar hammock harbor hazel hedgehog hobby holiday honey
  hotel house island jacket jasmine jelly jigsaw juice jungle kangaroo kayak kettle keyboard kite kiwi koala ladybug
  lamp lantern laundry lavender lemon lettuce library lighthouse lily lunch magnet mailbox mango marble meadow melon
  milk mint mitten moon morning mosaic muffin music napkin necklace nest noodle oatmeal ocean office olive onion
  opera orange orchard otter owl painter pajamas palace panda paper parade pasta peach pebble pencil piano picnic
  pigeon pillow pineapple pizza planet plum pocket poem pony popcorn postcard potato pretzel pudding pumpkin puppy
  purple puzzle quilt rabbit radio raft raisin raspberry ribbon rice robin rose saddle sailor salad sand scarf
  school scooter seagull silver skate sky snail soccer sofa soup sparrow spinach spring squirrel star story
  strawberry studio sugar suitcase summer sunflower sweater swing table taxi teapot teddy telescope tent ticket
  toast tomato towel tractor triangle trumpet tuba tulip turtle ukulele umbrella valley vanilla velvet village
  vineyard violin waffle wagon walnut water whistle window wool yard yellow yogurt zebra zipper zucchini`;
const ES = `
  abanico abeja abrigo abuela aceituna acordeón águila ajedrez álbum alfombra algodón almendra amigo anillo arándano
  árbol arcoíris ardilla arena armario arpa arroz atún autobús avellana avión azafrán azul bahía bambú bandera barco
  bebida bellota biblioteca bicicleta bisonte bolsillo bombilla bosque botón brisa brújula búfalo búho cabaña cactus
  café calabaza cámara canoa carta castaña cebra cedro cena cereal cesta chaqueta chocolate ciervo cigüeña cine
  circo coche cohete colina cometa coral cuaderno cuchara cuento danza delfín desayuno dibujo disco dominó dulce
  durazno edificio elefante ensalada escoba esponja estudio etiqueta fábrica familia farol fiesta flan flor fresa
  frijol fruta fuente fútbol gafas galleta garbanzo gaviota gelatina geranio girasol gorro gota granja guante
  guitarra hamaca helado hilo hogar hoja hormiga hotel iglú iguana invierno isla jabón jalea jarra jazmín jengibre
  jirafa joya jugo kiwi koala ladrillo lago lámpara lana lápiz laurel lavanda lechuga lenteja león libro limón lirio
  lluvia loma madera maestro maleta manta mapa mármol melón mercado mesa miel mochila molino montaña mosaico muñeca
  mural museo naranja nido nube nuez nutria oasis océano oliva orquesta otoño ovillo página paisaje palmera panda
  papel parque pastel patín peine pelota pera pino pizza plata pluma poema postal pradera primavera puerto pulsera
  queso quiosco rábano radio rama recreo regalo reloj rincón robot rojo ropa rueda ruiseñor salón sandía sauce sello
  semilla sendero silla sobre sofá sol sombrero sonrisa suéter tambor tarjeta taxi taza teatro teléfono tenis tetera
  tienda toalla tomate tortuga tostada tractor trébol trigo trompeta tucán tulipán uva vainilla valle vecino vela
  ventana verde vestido viento violín yate yogur zafiro zanahoria zapato`;

const LISTS = { en: EN, es: ES };

/** The list of a language: 256 words, the n-th for the byte n. English for a language without one. */
export function wordsIn(language) {
  return (LISTS[language] ?? EN).trim().split(/\s+/);
}
