namespace Coco.ControlPlane.Api;

/// <content>Passkeys (WebAuthn).</content>
internal static partial class Operations
{
    public static readonly Operation PreparePasskey = new("preparePasskey", "POST", "/v1/me/passkeys/prepare", Access.OwnAccount, null,
        "Gives what an authenticator needs to make a passkey for the caller.") { TakesCredentials = true, Refuses = [404] };

    public static readonly Operation AddPasskey = new("addPasskey", "POST", "/v1/me/passkeys", Access.OwnAccount, null, "Adds a passkey that an authenticator made.") { Refuses = [404, 409] };

    public static readonly Operation ListPasskeys = new("listPasskeys", "GET", "/v1/me/passkeys", Access.OwnAccount, null, "Lists the caller's passkeys.");

    public static readonly Operation DeletePasskey = new("deletePasskey", "DELETE", "/v1/me/passkeys/{passkey}", Access.OwnAccount, null, "Removes a passkey.");

    public static readonly Operation PrepareSignIn = new("preparePasskeySession", "POST", "/v1/sessions/passkey/prepare", Access.Anyone, null, "Gives what an authenticator needs for a sign-in.");

    public static readonly Operation CreatePasskeySession = new("createPasskeySession", "POST", "/v1/sessions/passkey", Access.Anyone, null,
        "Signs in with a passkey.") { TakesCredentials = true };
}
