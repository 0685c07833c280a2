using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Pages;

/// <summary>Cookies of the pages: for this host alone, out of reach of scripts, and not sent with requests that other sites make but for links.</summary>
internal sealed class Cookies(PublicAddress address)
{
    public string? Read(HttpContext context, string name) => context.Request.Cookies[NameOf(name)];

    public void Write(HttpContext context, string name, string value) => context.Response.Cookies.Append(NameOf(name), value, Options);

    public void Clear(HttpContext context, string name) => context.Response.Cookies.Delete(NameOf(name), Options);

    // The prefix binds a cookie to this very host and to https: no neighbour in the domain can plant one (RFC 6265bis §4.1.3).
    private string NameOf(string name) => (address.IsHttps ? "__Host-coco_" : "coco_") + name;

    // Lax: a person who comes from an app's link has to be known at the authorization endpoint.
    private CookieOptions Options => new() { HttpOnly = true, Secure = address.IsHttps, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true };
}
