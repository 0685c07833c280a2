using Coco.Cli.Api;

namespace Coco.Cli.Daemon;

/// <summary>The other members of a network.</summary>
internal static class PeerEndpoints
{
    public static void Map(ApiRoutes routes) => routes.Get("/v1/peers", static call =>
    {
        var held = call.Network();
        return Task.FromResult(new PeerList(held.NetworkName, [.. held.Node.Peers.OrderBy(static peer => peer.Name, StringComparer.Ordinal).Select(Words.ViewOf)]));
    });
}
