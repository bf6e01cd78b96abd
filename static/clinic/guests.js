// The list of invited people, on a page of its own.
import "../lib/copying.js";
