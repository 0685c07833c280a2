using Coco.Cli.Api;

namespace Coco.Cli.Daemon;

/// <summary>Services that are offered, and tunnels to those of others.</summary>
internal static class TunnelEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.Get("/v1/tunnels", static call => call.Network().Tunnels.ViewAsync(call.Aborted));
        routes.Post<TunnelWish, TunnelView>("/v1/tunnels", static (call, wish) => call.Network().Tunnels.OpenAsync(wish, call.Aborted));
        routes.Post<ServiceWish, ServiceView>("/v1/services", static (call, wish) => call.Network().Tunnels.OfferAsync(wish, call.Aborted));
        routes.Delete("/v1/tunnels", static async call =>
        {
            await call.Network().Tunnels.CloseAsync(call.Need("name"), call.Aborted);
            return new Done();
        });
        routes.Get("/v1/offers", static async call =>
        {
            var held = call.Network();
            var name = call.Need("node");
            var offers = await held.Node.Tunnels.ListAsync(Words.NodeOf(held, name), call.Aborted);
            return new OfferList(name, [.. offers.Select(static one => new OfferView(one.Name, one.IsDatagrams, one.IsRtsp))]);
        });
        routes.Get("/v1/tunnels/token", static call => Task.FromResult(new TokenView(call.Network().Node.Tunnels.Token.Reveal())));
    }
}
