import "../elements/live-region.js";
import "../lib/alerts.js";
import "../lib/news.js";
import "../lib/quiet-forms.js";
