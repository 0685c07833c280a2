using System.Security.Cryptography;
using System.Text;

namespace Coco.ControlPlane.Pages;

/// <summary>Writes a page: plain HTML, nothing from elsewhere, in no frame, kept by no cache, and no script but where it says so.</summary>
internal static class Page
{
    private const string Style =
        "body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem;color:#111;background:#fff}" +
        "label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}input{padding:.5rem;margin:.25rem 0 1rem;border:1px solid #767676;border-radius:.25rem}" +
        "button{padding:.6rem;margin:.5rem 0;border:1px solid #0b57d0;border-radius:.25rem;background:#0b57d0;color:#fff}button.other{background:#fff;color:#0b57d0}" +
        "[role=alert]{border-left:.25rem solid #b3261e;padding-left:.75rem}a,button,input{outline-offset:.15rem}" +
        "@media(prefers-color-scheme:dark){body{color:#eee;background:#111}input{color:#eee;background:#222}button.other{background:#111;color:#a8c7fa}a{color:#a8c7fa}}";

    private static readonly string StyleSource = $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'";

    /// <summary>Writes it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="title">What it is.</param>
    /// <param name="body">What is in it.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="leadsTo">A redirect URI to which an answer to the page's form may lead: browsers hold redirects to form-action, too.</param>
    /// <param name="isScripted">Whether <see cref="PasskeyScript"/> runs on it: from a file of this site, never from the page itself.</param>
    public static Task WriteAsync(HttpContext context, string title, Html body, int status = 200, string? leadsTo = null, bool isScripted = false)
    {
        var headers = context.Response.Headers;
        var target = leadsTo is null ? "" : " " + SourceOf(leadsTo);
        var script = isScripted ? " script-src 'self'; connect-src 'self'; require-trusted-types-for 'script';" : "";
        headers.ContentSecurityPolicy = $"default-src 'none'; style-src {StyleSource};{script} form-action 'self'{target}; frame-ancestors 'none'; base-uri 'none'";
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin"; // with no-referrer, browsers send "Origin: null" with forms
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        Html element = isScripted ? PasskeyScript.Element : $"";
        Html page = $"""<title>{title}</title>{element}<body><main><h1>{title}</h1>{body}</main></body></html>""";
        return context.Response.WriteAsync(
            $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><style>{Style}</style>" + page, context.RequestAborted);
    }

    /// <summary>Says what went wrong, where nothing can be done but read.</summary>
    public static Task WriteErrorAsync(HttpContext context, string text, int status = 400) => WriteAsync(context, "This did not work", $"""<p role="alert">{text}</p>""", status);

    /// <summary>Leads to another page of ours.</summary>
    public static void Redirect(HttpContext context, string path)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = path;
        context.Response.Headers.CacheControl = "no-store";
    }

    /// <summary>An error above a form; nothing where there is none.</summary>
    public static Html Alert(string? text) => text is null ? $"" : (Html)$"""<p role="alert">{text}</p>""";

    // The source of CSP for a URI: its origin, or its scheme where it has none. Redirect URIs hold no character that ends a directive but ';' and ','
    // in their paths, which are not part of it.
    private static string SourceOf(string uri)
    {
        var parsed = new Uri(uri);
        return parsed.Scheme is "https" or "http" ? parsed.GetLeftPart(UriPartial.Authority) : parsed.Scheme + ":";
    }
}
