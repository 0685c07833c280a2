using Coco.Cli.Api;

namespace Coco.Cli.Daemon;

/// <summary>What the daemon is doing.</summary>
internal static class StatusEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.Get("/v1/status", static call => Task.FromResult(StatusOf(call)));
        routes.Post<Done, Done>("/v1/down", static (call, _) =>
        {
            if (!call.Caller.IsUser) { throw ApiException.Of(CocoError.NotPermitted, $"The app {call.Caller.App} may not end the daemon. Ask without COCO_TOKEN."); }
            call.Http.Response.OnCompleted(call.Daemon.Down.CancelAsync);
            return Task.FromResult(new Done());
        }, needsRoom: false);
    }

    private static StatusView StatusOf(ApiCall call)
    {
        var daemon = call.Daemon;
        var nodes = call.Caller.IsUser ? daemon.Nodes.All : daemon.Nodes.Of(call.Caller);
        return new(
            CommandLine.Version, Environment.ProcessId, daemon.StartedAt, call.Caller.App, daemon.Nodes.Addresses, daemon.Places.State, daemon.Places.Socket,
            daemon.Places.LogFile, [.. nodes.Select(static node => node.View())]);
    }
}
