using System.Net;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Certificates;
using Coco.ControlPlane.Operations;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.HttpOverrides;

namespace Coco.ControlPlane;

/// <summary>One instance of a control plane: its settings, its database, its web application. Programs and tests start it in the same way.</summary>
internal sealed class ControlPlaneHost : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ControlPlaneHost(WebApplication application, Database database, ApiRoutes routes) =>
        (_application, Database, Routes) = (application, database, routes);

    /// <summary>The operations that it serves.</summary>
    public ApiRoutes Routes { get; }

    public Database Database { get; }

    public IServiceProvider Services => _application.Services;

    /// <summary>Where it listens, with the ports that the system chose.</summary>
    public IReadOnlyList<Uri> Addresses =>
        [.. _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address))];

    /// <summary>Starts an instance, which serves when this returns.</summary>
    /// <param name="settings">How it is run.</param>
    /// <param name="customise">For tests: services that take the place of others.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="StorageException">The database or the secret cannot be used.</exception>
    public static async Task<ControlPlaneHost> StartAsync(ControlPlaneSettings settings, Action<WebApplicationBuilder>? customise = null, CancellationToken cancellationToken = default)
    {
        MakeDirectory(settings.DataDirectory);
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = typeof(ControlPlaneHost).Assembly.GetName().Name });
        builder.Logging.AddJsonConsole().SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton(TimeProvider.System);
        customise?.Invoke(builder);

        var certificate = CertificateInUse.For(settings);
        Database? database = null;
        ServerSecret? secret = null;
        AddServices(builder, settings);
        // Opened below, with the application's log.
        builder.Services.AddSingleton(_ => database!);
        builder.Services.AddSingleton(_ => secret!);
        builder.Services.AddSingleton(certificate);
        ConfigureServer(builder, settings, certificate);
        var application = builder.Build();
        try
        {
            database = await Database.OpenAsync(settings.DatabaseLocation, application.Services.GetRequiredService<ILogger<Database>>(), DatabaseUse.Instance, cancellationToken);
            secret = ServerSecret.Open(settings.SecretPath, mayCreate: database.Kind is DatabaseKind.Sqlite);
            var routes = Use(application, settings);
            await application.StartAsync(cancellationToken);
            var host = new ControlPlaneHost(application, database, routes);
            ControlPlaneLog.Started(application.Logger, string.Join(", ", host.Addresses), database.Kind.ToString());
            return host;
        }
        catch
        {
            await application.DisposeAsync();
            if (database is not null) { await database.DisposeAsync(); }
            throw;
        }
    }

    /// <summary>Waits until it is told to stop, and has.</summary>
    public Task WaitAsync(CancellationToken cancellationToken = default) => _application.WaitForShutdownAsync(cancellationToken);

    /// <summary>Stops: what is under way has the drain time, then the database closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync(); // with its services, the database among them
    }

    private static void AddServices(WebApplicationBuilder builder, ControlPlaneSettings settings)
    {
        var services = builder.Services;
        services.AddSingleton(settings);
        services.AddHttpContextAccessor();
        services.AddSingleton<ApiWriter>();
        services.AddSingleton<TokenGuesses>();
        services.AddRoutingCore();
        services.Configure<RouteHandlerOptions>(static options => options.ThrowOnBadRequest = true); // Faults makes problems of them; else they would have no body
        services.AddRateLimiter(options => Rates.Configure(options, settings.Rates));
        services.ConfigureHttpJsonOptions(options => ApiJson.Configure(options.SerializerOptions));
        services.AddOpenApi("v1", Document.Configure);
        services.AddHealthChecks().AddCheck<Readiness>("database", tags: ["ready"]);
        services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.StopDelay + settings.DrainTime);
        services.Configure<ForwardedHeadersOptions>(options => Forward(options, settings));
        Parts.AddServices(services, settings);
    }

    private static ApiRoutes Use(WebApplication application, ControlPlaneSettings settings)
    {
        application.UseForwardedHeaders();
        application.UseMiddleware<StrictTransport>();
        application.UseMiddleware<Relaying.RelayDoor>();
        application.UseRouting();
        application.UseMiddleware<RequestLog>();
        application.UseMiddleware<ApiOrigins>();
        application.UseMiddleware<Faults>();
        application.UseMiddleware<Identification>();
        application.UseRateLimiter();
        application.Use(ApiOrigins.AnswerPreflight);
        application.UseMiddleware<Authorisation>();
        application.Use(Bodies.PrepareAsync);
        application.MapHealthChecks("/health/live", new() { Predicate = static _ => false });
        application.MapHealthChecks("/health/ready", new() { Predicate = static check => check.Tags.Contains("ready"), ResponseWriter = Readiness.WriteAsync });
        application.MapOpenApi("/openapi/{documentName}.json");
        var routes = new ApiRoutes(application);
        Parts.Map(routes, application, settings);
        return routes;
    }

    private static void ConfigureServer(WebApplicationBuilder builder, ControlPlaneSettings settings, CertificateInUse certificate) => builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = settings.MaxRequestBytes;
        foreach (var text in settings.Listen)
        {
            var uri = new Uri(text);
            void Configure(Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions listen)
            {
                if (uri.Scheme == "https") { TlsAlpn.Configure(listen, certificate, settings); }
            }
            if (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address)) { kestrel.Listen(address, uri.Port, Configure); }
            else if (uri.Host == "localhost") { kestrel.ListenLocalhost(uri.Port, Configure); }
            else { kestrel.ListenAnyIP(uri.Port, Configure); }
        }
    }).UseKestrelHttpsConfiguration();

    private static void Forward(ForwardedHeadersOptions options, ControlPlaneSettings settings)
    {
        options.ForwardedHeaders = settings.TrustedProxies.Length == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var text in settings.TrustedProxies)
        {
            if (System.Net.IPNetwork.TryParse(text, out var network)) { options.KnownIPNetworks.Add(network); }
            else { options.KnownProxies.Add(IPAddress.Parse(text)); }
        }
    }

    private static void MakeDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) { Directory.CreateDirectory(path); }
        else { Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
    }
}
