// oidc-provider (npm), an OpenID provider nobody here wrote, for the tests of the door: one client, people named by
// whoever signs in. Arguments: its port, the address answers go to, back-channel logout address, where browsers go after.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import Provider from "oidc-provider";

const [port, redirectUri, backChannel, afterwards] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

function key() {
  const made = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
  return { ...made, kid: randomUUID(), use: "sig", alg: "RS256" };
}

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "eoffice",
      client_secret: "mot bi mat & dai",
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [afterwards],
      backchannel_logout_uri: backChannel,
      backchannel_logout_session_required: true,
    },
  ],
  jwks: { keys: [key()] },
  cookies: { keys: [randomUUID()] },
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  features: { backchannelLogout: { enabled: true } },
  // It does not call loopback addresses by itself, and ours is one: its own guard is left out for this call.
  fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@truongxuan.example`, email_verified: true }),
  }),
});

provider.on("backchannel.error", (_, error) => console.error(error));
provider.listen(Number(port), "127.0.0.1");
