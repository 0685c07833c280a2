using Coco.Cli.Api;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Coco.Cli.Daemon;

/// <summary>The local API: HTTP/1.1 on a Unix socket, for processes of this user only.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    // A message of 16 MB, in base64, and what surrounds it. Bodies that are streams are not limited.
    private const long MaxBody = 24 << 20;

    private readonly WebApplication _application;

    private ApiServer(WebApplication application) => _application = application;

    public static async Task<ApiServer> StartAsync(DaemonCore daemon, ILoggerProvider log, ILogger logger)
    {
        File.Delete(daemon.Places.Socket); // of a daemon that was killed: the lock says that none runs
        // Empty: nothing of the environment or of the folder it was started in decides where it listens.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.AddProvider(log);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.Limits.MinRequestBodyDataRate = null; // what is streamed may pause
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.ListenUnixSocket(daemon.Places.Socket);
        });
        var application = builder.Build();
        application.Use((http, next) => IsAdmitted(http, logger) ? next(http) : TurnAwayAsync(http));
        application.UseRouting();
        Map(new(application, daemon, logger));
        application.MapFallback(NotKnownAsync);
        await application.StartAsync();
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(daemon.Places.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite); }
        return new(application);
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2)); // streams have no end of their own
        await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
    }

    private static void Map(ApiRoutes routes)
    {
        StatusEndpoints.Map(routes);
        AppEndpoints.Map(routes);
        NetworkEndpoints.Map(routes);
        RecoveryEndpoints.Map(routes);
        ControlPlaneEndpoints.Map(routes);
        LinkEndpoints.Map(routes);
        PeerEndpoints.Map(routes);
        PingEndpoints.Map(routes);
        GraphEndpoints.Map(routes);
        TunnelEndpoints.Map(routes);
        MqttEndpoints.Map(routes);
        RightEndpoints.Map(routes);
        MessageEndpoints.Map(routes);
        TopicEndpoints.Map(routes);
        StoreEndpoints.Map(routes);
        FileEndpoints.Map(routes);
        StreamEndpoints.Map(routes);
    }

    private static bool IsAdmitted(HttpContext http, ILogger logger)
    {
        var user = -1L;
        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: AddressFamily.Unix } socket && PeerCredentials.IsOwnUser(socket, out user)) { return true; }
        logger.OtherUserRefused(user, http.Request.Path);
        return false;
    }

    private static Task TurnAwayAsync(HttpContext http) => SayAsync(
        http, StatusCodes.Status403Forbidden,
        new("not-permitted", "This daemon is another user's. Run your own: `coco up`."));

    private static Task NotKnownAsync(HttpContext http) => SayAsync(
        http, StatusCodes.Status404NotFound,
        new("invalid", $"The daemon, version {CommandLine.Version}, does not know {http.Request.Method} {http.Request.Path}. Use the same version of coco for both: restart it."));

    private static Task SayAsync(HttpContext http, int status, ApiError error)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(http.Response.Body, new ErrorAnswer(error), ApiJson.Default.ErrorAnswer, http.RequestAborted);
    }
}
