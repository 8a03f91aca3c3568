// Standard JSON in, standard JSON out. The compiler's own script cuts long
// answers off, as it exits before a pipe has taken all of them.
"use strict";
const { readFileSync } = require("fs");
process.stdout.write(require("solc").compile(readFileSync(0, "utf8")));
