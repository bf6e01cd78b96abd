// Choosing the new time on the spot.
import "../elements/free-times.js";
