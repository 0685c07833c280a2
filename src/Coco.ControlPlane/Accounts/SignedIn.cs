using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Accounts;

/// <summary>A sign-in that just happened.</summary>
/// <param name="Account">Who signed in.</param>
/// <param name="Token">The session.</param>
/// <param name="Text">The session's token, shown this once.</param>
internal sealed record SignedIn(Account Account, Token Token, string Text);
