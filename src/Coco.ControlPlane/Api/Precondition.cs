using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Coco.ControlPlane.Api;

/// <summary>
/// ETags (RFC 9110 §8.8.3, §13.1): the number of a row's version, and a hash of what is shown, as some of that is of no row but computed by the moment, such as whether a node's
/// certificate is good, or by who asks. Whoever changes something has to have seen the row's version.
/// </summary>
internal static class Precondition
{
    private const int HashSize = 8;

    public static string ETagOf(long version, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        return string.Create(CultureInfo.InvariantCulture, $"\"{version}-{Convert.ToHexStringLower(hash[..HashSize])}\"");
    }

    /// <summary>Requires If-Match to name this version.</summary>
    /// <exception cref="ApiException">It names another (412), or is not there (428).</exception>
    public static void Require(HttpContext context, long version)
    {
        var wanted = context.Request.GetTypedHeaders().IfMatch;
        if (wanted.Count == 0) { throw new ApiException(ProblemCode.VersionMissing, "Send If-Match with the ETag that you have seen, so that nothing of others is overwritten."); }
        if (!wanted.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || (!tag.IsWeak && VersionOf(tag) == version)))
        {
            throw new ApiException(ProblemCode.VersionMismatch, "What you have seen is not the newest. Read it again.");
        }
    }

    /// <summary>Whether the caller has what this tag is of already.</summary>
    public static bool IsKnown(HttpContext context, string known)
    {
        if (!HttpMethods.IsGet(context.Request.Method)) { return false; }
        var current = new EntityTagHeaderValue(known);
        return context.Request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(current, useStrongComparison: false));
    }

    private static long? VersionOf(EntityTagHeaderValue tag) =>
        long.TryParse(tag.Tag.AsSpan().Trim('"').ToString().Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
}
