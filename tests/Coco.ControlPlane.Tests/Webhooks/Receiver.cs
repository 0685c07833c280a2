using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;

namespace Coco.ControlPlane.Tests.Webhooks;

/// <summary>An app's service that hears of events, on loopback.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _application;

    private Receiver(WebApplication application) => _application = application;

    /// <summary>What came, in order.</summary>
    public ConcurrentQueue<Heard> Heard { get; } = [];

    /// <summary>How long it takes over each.</summary>
    public TimeSpan Pause { get; set; }

    /// <summary>Until when it answers nobody.</summary>
    public Task Hangs { get; set; } = Task.CompletedTask;

    /// <summary>What it answers.</summary>
    public int Status { get; set; } = 200;

    public string Url => _application.Urls.Single() + "/events";

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        Microsoft.AspNetCore.Hosting.HostingAbstractionsWebHostBuilderExtensions.UseUrls(Microsoft.AspNetCore.Hosting.WebHostBuilderKestrelExtensions.UseKestrelCore(builder.WebHost), "http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver._application.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            receiver.Heard.Enqueue(new(body, context.Request.Headers["Coco-Signature"].ToString(), string.Join('\n', context.Request.Headers), context.Request.Path));
            await Task.Delay(receiver.Pause);
            await receiver.Hangs;
            context.Response.StatusCode = receiver.Status;
        });
        await receiver._application.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
