using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.OAuth;

/// <summary>Lets browsers show answers to pages of single-page apps that are registered (CORS), at the few endpoints that these need. Never with
/// cookies, which the endpoints do not look at.</summary>
internal sealed class Origins(Database database)
{
    private const int MaxOrigin = 512;

    /// <summary>Adds the headers, and answers a browser's question in advance.</summary>
    /// <returns>Whether the request was such a question and is answered.</returns>
    public async Task<bool> ApplyAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.Vary = "Origin";
        if (context.Request.Headers.Origin is [{ Length: > 0 and <= MaxOrigin } origin] &&
            await database.ReadAsync(session => session.AnyAsync($"SELECT 1 FROM app_origins WHERE origin = {origin}"), context.RequestAborted))
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlAllowMethods = "GET, POST";
            headers.AccessControlAllowHeaders = "Authorization, Content-Type";
            headers.AccessControlMaxAge = "600";
        }
        if (!HttpMethods.IsOptions(context.Request.Method)) { return false; }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }
}
