using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Pages;

/// <summary>Who is signed in at the pages. The cookie is a session's token; a sign-in makes a new one, whatever was there before, so that nobody
/// can plant a session and wait for somebody to sign in to it.</summary>
internal sealed class BrowserSession(Database database, Cookies cookies, TokenStore tokens, TimeProvider time)
{
    private const string Cookie = "session";
    private const int MaxLength = 128;

    /// <summary>The session of the browser; null where nobody is signed in.</summary>
    public async Task<Token?> FindAsync(HttpContext context)
    {
        if (cookies.Read(context, Cookie) is not { Length: > 0 and <= MaxLength } text) { return null; }
        var token = await database.ReadAsync(session => TokenStore.FindAsync(session, text), context.RequestAborted);
        return token is { Kind: TokenKind.Session, AccountId: not null } && token.Holds(time.GetUtcNow()) ? token : null;
    }

    /// <summary>Makes a sign-in the browser's, and ends the session it had.</summary>
    public async Task BeginAsync(HttpContext context, SignedIn signedIn)
    {
        await EndAsync(context);
        cookies.Write(context, Cookie, signedIn.Text);
    }

    public async Task EndAsync(HttpContext context)
    {
        if (await FindAsync(context) is { } before)
        {
            await database.WriteAsync(session => tokens.RevokeAsync(session, before.Id), context.RequestAborted);
        }
        cookies.Clear(context, Cookie);
    }
}
