// Beside the board, the same board.
import "./today.js";
