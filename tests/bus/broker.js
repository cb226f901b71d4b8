// One Moleculer broker of a test. Told in JSON on the command line what to be, and by lines on stdin what to do:
// a line with an action's name has it called and its answer printed; "stop" ends the broker in good order.
"use strict";

const readline = require("readline");
const { ServiceBroker } = require("moleculer");

const told = JSON.parse(process.argv[2]);

const broker = new ServiceBroker({
	nodeID: told.id,
	namespace: told.namespace,
	metadata: told.metadata,
	transporter: { type: "NATS", options: { servers: [told.server], token: process.env.BROKER_TOKEN } },
	heartbeatInterval: told.interval,
	logger: false
});
for (const name of told.services) {
	broker.createService({ name, version: told.version, actions: { ping: () => "pong" } });
}

const say = data => process.stdout.write(JSON.stringify(data) + "\n");

readline.createInterface({ input: process.stdin }).on("line", async line => {
	if (line === "stop") {
		await broker.stop();
		process.exit(0);
	}
	say(await broker.call(line));
});

broker.start().then(() => say("started"));
