namespace Coco.ControlPlane.Invitations;

/// <summary>What a browser shows at an invitation's link. It is the same for every link and has no script: nothing on it reads what is behind the <c>#</c>.</summary>
internal static class JoinPage
{
    private const string Html =
        """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>You are invited</title>
        <h1>You are invited to a private network</h1>
        <p>Copy the whole address of this page and paste it into your Coco app, under <strong>Join</strong>.
        In a terminal: <code>coco join 'ADDRESS'</code></p>
        <p>If the address ends without a # and a long key, it is not the whole link: ask who invites you for that. A mail of this server never has it.</p>
        <p>What stands behind the # is the key. It stays in your browser; this server does not get it. Whoever has the address can join instead of you, so pass it on to nobody.</p>
        </html>
        """;

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/join/{invitation}", static (HttpContext context) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        return Results.Content(Html, "text/html; charset=utf-8");
    });
}
