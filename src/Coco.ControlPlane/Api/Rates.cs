using System.Threading.RateLimiting;
using Coco.ControlPlane.Settings;
using Microsoft.AspNetCore.RateLimiting;

namespace Coco.ControlPlane.Api;

/// <summary>How often one caller, or one address without a token, may ask.</summary>
internal static class Rates
{
    public static void Configure(RateLimiterOptions options, RateSettings settings)
    {
        options.OnRejected = static async (rejected, _) =>
        {
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : TimeSpan.FromSeconds(1);
            await Problems.WriteAsync(rejected.HttpContext, ProblemCode.TooManyRequests, "Wait as long as Retry-After says.", wait);
        };
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => PartitionOf(context, settings));
    }

    private static RateLimitPartition<string> PartitionOf(HttpContext context, RateSettings settings)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        var (operation, door) = (metadata?.GetMetadata<Operation>(), metadata?.GetMetadata<Door>());
        if (context.GetEndpoint() is null) { return RateLimitPartition.GetNoLimiter("none"); } // there is nothing, which costs nothing
        var address = AddressOf(context);
        // The document and the looks at an instance's health: by themselves, as a load balancer must not find it ill because of what else comes from its address.
        if (ApiOrigins.IsPreflight(context)) { return Bucket("preflight " + address, settings.CallerPerSecond, 5 * settings.CallerPerSecond); } // for each path that a page uses
        if (operation is null && door is null) { return Bucket("other " + address, settings.AnonymousPerSecond, 5 * settings.AnonymousPerSecond); }
        if (operation is { TakesCredentials: true } || (door is { TakesCredentials: true } && HttpMethods.IsPost(context.Request.Method))) { return Bucket("credentials " + address, settings.CredentialsPerMinute / 60.0, settings.CredentialsPerMinute); }
        var caller = Caller.Of(context);
        return caller.Kind is CallerKind.Anonymous
            ? Bucket("address " + address, settings.AnonymousPerSecond, 5 * settings.AnonymousPerSecond)
            : Bucket(caller.Name, settings.CallerPerSecond, 5 * settings.CallerPerSecond);
    }

    // A /64 is one subscriber (RFC 6177): single addresses of it are free to change.
    internal static string AddressOf(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address) { return "local"; }
        if (address.IsIPv4MappedToIPv6) { address = address.MapToIPv4(); }
        return address.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }

    private static RateLimitPartition<string> Bucket(string key, double perSecond, int burst) => RateLimitPartition.GetTokenBucketLimiter(key, _ => new()
    {
        TokenLimit = Math.Max(1, burst),
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1 / perSecond),
        QueueLimit = 0,
        AutoReplenishment = true,
    });
}
