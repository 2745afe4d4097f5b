/** The one entry of every page: styles, htmx, the shell's behaviours, and islands loaded when their element is there. */
import "./styles/index.css";
import { startDialogs } from "./shell/dialogs";
import { startFaults } from "./shell/faults";
import { startFields } from "./shell/fields";
import { startFormGuard } from "./shell/form-guard";
import { startFormKeeper } from "./shell/form-keeper";
import { startHtmx } from "./shell/htmx";
import { startKeyboard } from "./shell/keyboard";
import { startLists } from "./shell/lists";
import { startMenus } from "./shell/menus";
import { startPreferences } from "./shell/preferences";
import { startTabs } from "./shell/tabs";
import { startToasts } from "./shell/toasts";
import { startIslands } from "./islands";

startHtmx();
startPreferences();
startMenus();
startTabs();
startDialogs();
startToasts();
startFields();
startFaults();
startFormGuard();
startFormKeeper();
startLists();
startKeyboard();
startIslands();
