// What the pages do better with scripts on. Everything works without.
"use strict";
