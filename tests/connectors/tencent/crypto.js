// Does with @wecom/crypto what it is told: reads {steps: [[function, arguments...]]}, writes the list of results.
const crypto = require("@wecom/crypto");
const { steps } = JSON.parse(require("fs").readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(steps.map(([name, ...args]) => crypto[name](...args))));
