using Microsoft.Net.Http.Headers;

namespace Coco.ControlPlane.Api;

/// <summary>Makes a request's body ready for whoever reads it.</summary>
internal static class Bodies
{
    public static Task PrepareAsync(HttpContext context, RequestDelegate next)
    {
        context.Request.EnableBuffering(); // ApiWriter reads the body again
        // RFC 8259 §8.1, §11: JSON is UTF-8, and a charset beside it means nothing. The framework would take one that it does not know, or that stands in quotes, for a fault of ours.
        if (context.GetEndpoint()?.Metadata.GetMetadata<Operation>() is not null && MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && type.Charset.HasValue)
        {
            type.Charset = default;
            context.Request.ContentType = type.ToString();
        }
        return next(context);
    }
}
