import "../lib/alerts.js";
import "../lib/copying.js";
import "../lib/news.js";
import "../lib/quiet-forms.js";
