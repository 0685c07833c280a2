using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco proxy</c>: one local port for all services of a network.</summary>
internal static class ProxyCommand
{
    public static Command Make(Shell shell)
    {
        var local = new Argument<string>("LOCAL") { Description = "Where it listens: a port, or tcp:host:port; 0 is any port that is free", DefaultValueFactory = static _ => "0" };
        var network = CommonOptions.Network(shell);
        var access = TunnelAccessOptions.Add();
        return new Command("proxy", "Open a SOCKS 5 and HTTP CONNECT proxy for names as service.node.network.coco") { local, network, access.User, access.Anyone }
            .WithExamples("coco proxy 1080 --user", "curl -x socks5h://127.0.0.1:1080 http://web.kitchen.home.coco/")
            .Runs(shell, async invocation =>
            {
                var wish = new TunnelWish { Local = invocation.Get(local)!, Access = access.Read(invocation) };
                var proxy = await invocation.Daemon.PostAsync<TunnelWish, TunnelView>(Route.To("/v1/tunnels", ("network", invocation.Get(network))), wish, invocation.Stopping);
                invocation.Print(proxy, _ =>
                {
                    var address = proxy.Local["tcp:".Length..];
                    invocation.Output.WriteLine($"The proxy is at {address}");
                    invocation.Shell.Error.WriteLine(
                        proxy.Access == "token"
                            ? $"curl -x socks5h://coco:TOKEN@{address} http://SERVICE.NODE.NETWORK.coco/ with the TOKEN of `coco tunnel token`; `coco tunnel close {proxy.Local}` ends it."
                            : $"curl -x socks5h://{address} http://SERVICE.NODE.NETWORK.coco/ uses it; `coco tunnel close {proxy.Local}` ends it.");
                });
            });
    }
}
