using Coco.Cli.Api;

namespace Coco.Cli.Daemon;

/// <summary>Apps, and their tokens. Only the user may ask.</summary>
internal static class AppEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.Get("/v1/apps", call =>
        {
            RequireUser(call);
            return Task.FromResult(new AppsView([.. call.Daemon.Apps.All.Select(app => new AppView(
                app.Name, app.AddedAt, [.. call.Daemon.Nodes.Of(new(app.Name)).Select(static node => node.NetworkName)]))]));
        });
        routes.Post<AppWish, AppMade>("/v1/apps", (call, wish) =>
        {
            RequireUser(call);
            return Task.FromResult(new AppMade(wish.Name, call.Daemon.Apps.Add(wish.Name)));
        });
        routes.Delete("/v1/apps", call =>
        {
            RequireUser(call);
            call.Daemon.Apps.Remove(call.Need("name"));
            return Task.FromResult(new Done());
        });
    }

    private static void RequireUser(ApiCall call)
    {
        if (!call.Caller.IsUser) { throw ApiException.Of(CocoError.NotPermitted, $"The app {call.Caller.App} may use its own nodes only. Ask without COCO_TOKEN."); }
    }
}
