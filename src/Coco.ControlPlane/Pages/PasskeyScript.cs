using System.Security.Cryptography;
using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Pages;

/// <summary>The only script of the pages (<c>passkeys.js</c>), from this site and under a name that changes with it.</summary>
internal static class PasskeyScript
{
    private const string Path = "/passkeys.js";

    private static readonly byte[] Source = Read();

    /// <summary>The element that runs it, once the page is there.</summary>
    public static Html Element { get; } = $"""<script src="{Path}?v={Convert.ToHexStringLower(SHA256.HashData(Source).AsSpan(0, 8))}" defer></script>""";

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet(Path, static context =>
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "public, max-age=31536000, immutable";
        context.Response.ContentType = "text/javascript; charset=utf-8";
        context.Response.ContentLength = Source.Length;
        return context.Response.Body.WriteAsync(Source, context.RequestAborted).AsTask();
    }).WithMetadata(new Door("page /passkeys.js"));

    private static byte[] Read()
    {
        using var stream = typeof(PasskeyScript).Assembly.GetManifestResourceStream("passkeys.js")!;
        var source = new byte[stream.Length];
        stream.ReadExactly(source);
        return source;
    }
}
