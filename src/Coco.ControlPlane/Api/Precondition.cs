using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace Coco.ControlPlane.Api;

/// <summary>ETags (RFC 9110 §8.8.3, §13.1): the number of a row's version, quoted.</summary>
internal static class Precondition
{
    public static string ETagOf(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>Requires If-Match to name this version.</summary>
    /// <exception cref="ApiException">It names another (412), or is not there (428).</exception>
    public static void Require(HttpContext context, long version)
    {
        var wanted = context.Request.GetTypedHeaders().IfMatch;
        if (wanted.Count == 0) { throw new ApiException(ProblemCode.VersionMissing, "Send If-Match with the ETag that you have seen, so that nothing of others is overwritten."); }
        var current = new EntityTagHeaderValue(ETagOf(version));
        if (!wanted.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(current, useStrongComparison: true)))
        {
            throw new ApiException(ProblemCode.VersionMismatch, "What you have seen is not the newest. Read it again.");
        }
    }

    /// <summary>Whether the caller has this version already.</summary>
    public static bool IsKnown(HttpContext context, long version)
    {
        if (!HttpMethods.IsGet(context.Request.Method)) { return false; }
        var current = new EntityTagHeaderValue(ETagOf(version));
        return context.Request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(current, useStrongComparison: false));
    }
}
