// Small comforts. Every page works without this file; each module says what happens then.
import "./theme-switch.js";
import "./menus.js";
import "./dialogs.js";
import "./tabs.js";
import "./toasts.js";
import "./forms.js";
import "./copy.js";
import "./swaps.js";
import "./suggest.js";
