// The first page: the two buttons work without a network too.
import "../lib/stops.js";
