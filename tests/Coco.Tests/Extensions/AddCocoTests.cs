using Coco.Extensions.Hosting;
using Coco.Storage;
using Coco.Tests.Networks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Coco.Tests.Extensions;

public sealed class AddCocoTests
{
    [Fact]
    public async Task A_node_is_there_for_a_hosts_services_from_their_start_to_their_stop()
    {
        var seen = new List<string>();
        var app = Host(options => options.CreateOrStart(new() { Name = "home" }), services => services.AddHostedService(provider => new User(provider.GetRequiredService<CocoNode>(), seen)));
        var node = app.Services.GetRequiredService<CocoNode>();
        Assert.Throws<InvalidOperationException>(() => node.Node);

        await app.StartAsync(TestContext.Current.CancellationToken);
        Assert.Same(node.Node, await node.WaitAsync(TestContext.Current.CancellationToken));
        await app.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["started in home", "stopped in home"], seen);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await node.Node.AcceptAsync(TestContext.Current.CancellationToken));
        app.Dispose();
    }

    [Fact]
    public async Task A_network_is_founded_once_and_started_from_the_store_then()
    {
        var folder = Directory.CreateTempSubdirectory("coco-host");
        var (ids, founded) = (new List<string>(), 0);
        for (var i = 0; i < 2; i++)
        {
            using var app = Host(options =>
            {
                options.Node = options.Node with { StorePath = Path.Combine(folder.FullName, "node"), StoreKey = StoreKey.FromPassphrase("passphrase") };
                options.CreateOrStart(new() { Name = "home" }, node => founded += node.TakeRecoveryKey() is null ? 10 : 1);
            });
            await app.StartAsync(TestContext.Current.CancellationToken);
            ids.Add(app.Services.GetRequiredService<CocoNode>().Node.Id.ToString());
            await app.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, founded);
        Assert.Equal(ids[0], ids[1]);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_host_whose_node_does_not_start_does_not_start()
    {
        using var app = Host(static options => options.JoinOrStart("no ticket"));

        var failure = await Assert.ThrowsAsync<CocoException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.Equal(CocoError.InvalidText, failure.Code);
        Assert.Same(failure, await Assert.ThrowsAsync<CocoException>(() => app.Services.GetRequiredService<CocoNode>().WaitAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void A_host_has_one_node() => Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddCoco(static _ => { }).AddCoco(static _ => { }));

    private static IHost Host(Action<CocoServiceOptions> configure, Action<IServiceCollection>? more = null)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        builder.Services.AddCoco(options =>
        {
            options.Node = TestNetwork.Options("ada");
            configure(options);
        });
        more?.Invoke(builder.Services);
        return builder.Build();
    }

    private sealed class User(CocoNode node, List<string> seen) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            seen.Add($"started in {node.Node.NetworkName}");
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            seen.Add($"stopped in {node.Node.NetworkName}");
            return Task.CompletedTask;
        }
    }
}
