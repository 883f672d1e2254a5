// A customer of the package telegram-test-api: writes, reads the answer, presses its first button, reads again.
// Says the port of its Bot API on the first line, starts when a line is read, and says what it saw as JSON.

const net = require('net');
const readline = require('readline');
const TelegramServer = require('telegram-test-api');

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

async function findPort() {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function main(token, text) {
  const server = new TelegramServer({ port: await findPort(), host: '127.0.0.1' });
  await server.start();
  console.log(server.config.port);
  await new Promise((resolve) => readline.createInterface({ input: process.stdin }).once('line', resolve));

  const client = server.getClient(token, { userId: 77, chatId: 77, timeout: 20000 });
  await client.sendMessage(client.makeMessage(text));
  const [asked] = (await client.getUpdates()).result;
  const button = asked.message.reply_markup.inline_keyboard[0][0];
  const under = { message_id: asked.messageId, text: asked.message.text, reply_markup: asked.message.reply_markup };
  const edited = server.waitBotEdits();
  await client.sendCallback(client.makeCallbackQuery(button.callback_data, { message: under }));
  await edited;
  const said = () => server.storage.botMessages.map((update) => update.message.text);
  while (said().length < 2) await pause();
  console.log(JSON.stringify({ pressed: button.text, said: said() }));
  process.exit(0);
}

main(...process.argv.slice(2));
