using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary><c>coco tunnel</c>: services of this machine for other nodes, and theirs here.</summary>
internal static class TunnelCommand
{
    public static Command Make(Shell shell) => new("tunnel", "Offer services of this machine to other nodes, and open theirs here")
    {
        Publish(shell), Open(shell), List(shell), Close(shell), Token(shell),
    };

    private static Command Publish(Shell shell)
    {
        var name = new Argument<string>("NAME") { Description = "What others call the service" };
        var target = new Argument<string>("TARGET") { Description = "What stands behind it: a port, tcp:host:port, udp:host:port, rtsp:host:port (a camera; its media as datagrams too) or unix:path" };
        target.CompletionSources.Add("tcp:", "udp:", "rtsp:", "unix:");
        var network = CommonOptions.Network(shell);
        var nodes = new Option<string[]>("--node") { Description = "Let this node use it, and no others; several times", HelpName = "NODE" };
        var roles = new Option<string[]>("--role") { Description = "Let nodes of this role use it, and no others; several times", HelpName = "ROLE" };
        return new Command("publish", "Offer a service to those whom the network's policy lets use it: the owner, at first") { name, target, network, nodes, roles }
            .WithExamples("coco tunnel publish web 8080", "coco tunnel publish ssh 22 --role admin", "coco tunnel publish camera rtsp:192.0.2.7:554", "coco tunnel publish sound udp:192.0.2.7:5004")
            .Runs(shell, async invocation =>
            {
                var wish = new ServiceWish
                {
                    Name = invocation.Need(name), Target = Whole(invocation.Need(target)), Nodes = invocation.Get(nodes) ?? [], Roles = invocation.Get(roles) ?? [],
                };
                var service = await invocation.Daemon.PostAsync<ServiceWish, ServiceView>(Route.To("/v1/services", ("network", invocation.Get(network))), wish, invocation.Stopping);
                invocation.Print(service, _ => invocation.Output.WriteLine($"{service.Name} is offered, and leads to {service.Target}. `coco tunnel close {service.Name}` ends it."));
            });
    }

    private static Command Open(Shell shell)
    {
        var node = CommonArguments.Node(shell);
        var service = new Argument<string>("SERVICE") { Description = "The service's name, as `coco tunnel list NODE` shows it" };
        var local = new Argument<string>("LOCAL") { Description = "Where programs here find it: a port, tcp:host:port, udp:host:port or unix:path; 0 is any port that is free", DefaultValueFactory = static _ => "0" };
        local.CompletionSources.Add("tcp:", "udp:", "unix:");
        var network = CommonOptions.Network(shell);
        var access = TunnelAccessOptions.Add();
        return new Command("open", "Open a service of another node at a local port or socket") { node, service, local, network, access.User, access.Anyone }
            .WithExamples("coco tunnel open kitchen web 8080 --user", "coco tunnel open kitchen camera 8554 --user", "coco tunnel open kitchen sound udp:5004 --user", "coco tunnel open server ssh unix:ssh.sock --user")
            .Runs(shell, async invocation =>
            {
                var wish = new TunnelWish
                {
                    Node = invocation.Need(node), Service = invocation.Need(service), Local = Whole(invocation.Get(local)!), Access = access.Read(invocation),
                };
                var tunnel = await invocation.Daemon.PostAsync<TunnelWish, TunnelView>(Route.To("/v1/tunnels", ("network", invocation.Get(network))), wish, invocation.Stopping);
                invocation.Print(tunnel, _ =>
                {
                    invocation.Output.WriteLine($"{tunnel.Service} of {tunnel.Node} is open at {tunnel.Local}");
                    invocation.Shell.Error.WriteLine(TunnelAccessOptions.Explain(tunnel.Access, $"coco tunnel close {tunnel.Local}"));
                });
            });
    }

    private static Command List(Shell shell)
    {
        var node = CommonArguments.Node(shell);
        node.Arity = ArgumentArity.ZeroOrOne;
        node.Description = "List what this node offers, instead of what is offered and open here";
        var network = CommonOptions.Network(shell);
        return new Command("list", "List the services offered here and the tunnels open here, or what another node offers") { node, network }
            .WithExamples("coco tunnel list", "coco tunnel list kitchen")
            .Runs(shell, async invocation =>
            {
                if (invocation.Get(node) is { } whose)
                {
                    var path = Route.To("/v1/offers", ("network", invocation.Get(network)), ("node", whose));
                    var offers = await invocation.WaitAsync($"Asking {whose}", invocation.Daemon.GetAsync<OfferList>(path, invocation.Stopping));
                    invocation.Print(offers, _ => Tell(invocation, offers));
                    return;
                }
                var tunnels = await invocation.Daemon.GetAsync<TunnelsView>(Route.To("/v1/tunnels", ("network", invocation.Get(network))), invocation.Stopping);
                invocation.Print(tunnels, _ => Tell(invocation, tunnels));
            });
    }

    private static Command Close(Shell shell)
    {
        var what = new Argument<string>("WHAT") { Description = "A service that is offered, or the local end of a tunnel or proxy, or service@node" };
        var network = CommonOptions.Network(shell);
        return new Command("close", "Offer a service no more, or close a tunnel or proxy") { what, network }
            .WithExamples("coco tunnel close web", "coco tunnel close tcp:127.0.0.1:8080", "coco tunnel close web@kitchen")
            .Runs(shell, async invocation =>
            {
                var path = Route.To("/v1/tunnels", ("network", invocation.Get(network)), ("name", Whole(invocation.Need(what))));
                var done = await invocation.Daemon.DeleteAsync<Done>(path, invocation.Stopping);
                invocation.Print(done, _ => invocation.Output.WriteLine($"{invocation.Need(what)} is closed."));
            });
    }

    private static Command Token(Shell shell)
    {
        var network = CommonOptions.Network(shell);
        return new Command("token", "Print what programs show at local ends that want a token") { network }
            .WithExamples("coco tunnel token")
            .Runs(shell, async invocation =>
            {
                var token = await invocation.Daemon.GetAsync<TokenView>(Route.To("/v1/tunnels/token", ("network", invocation.Get(network))), invocation.Stopping);
                invocation.Print(token, _ => invocation.Output.WriteLine(token.Token));
            });
    }

    // The daemon stands in another folder.
    public static string Whole(string end) => end.StartsWith("unix:", StringComparison.Ordinal) ? $"unix:{Path.GetFullPath(end[5..])}" : end;

    private static void Tell(Invocation invocation, OfferList offers)
    {
        if (offers.Services.Count == 0)
        {
            invocation.Output.WriteLine($"{offers.Node} offers nothing to this node. Whom it lets decides the network's policy: `coco policy --help`.");
            return;
        }
        var table = Tables.Of("SERVICE", "KIND");
        foreach (var one in offers.Services) { table.AddRow(Markup.Escape(one.Name), one.IsDatagrams ? "datagrams" : one.IsRtsp ? "RTSP" : "streams"); }
        invocation.Print(table);
    }

    private static void Tell(Invocation invocation, TunnelsView tunnels)
    {
        if (tunnels.Services.Count + tunnels.Tunnels.Count == 0)
        {
            invocation.Output.WriteLine("nothing is offered or open here: `coco tunnel publish --help`, `coco tunnel open --help`");
            return;
        }
        var table = Tables.Of("KIND", "SERVICE", "NODE", "END", "FOR", "OPEN", "SENT", "RECEIVED");
        foreach (var one in tunnels.Services)
        {
            var whom = one.Nodes.Count + one.Roles.Count == 0 ? "the policy's" : string.Join(", ", one.Nodes.Concat(one.Roles));
            Add("offered", one.Name, "", one.Target, whom, one.Traffic);
        }
        foreach (var one in tunnels.Tunnels) { Add(one.Service is null ? "proxy" : "open", one.Service ?? "", one.Node ?? "", one.Local, one.Access, one.Traffic); }
        invocation.Print(table);
        foreach (var one in tunnels.Services.Where(static one => one.Problem is not null)) { invocation.Output.WriteLine($"{one.Name}: {one.Problem}"); }
        foreach (var one in tunnels.Tunnels.Where(static one => one.Problem is not null)) { invocation.Output.WriteLine($"{one.Local}: {one.Problem}"); }

        void Add(string kind, string service, string node, string end, string whom, TrafficView? traffic) => table.AddRow(
            kind, Markup.Escape(service), Markup.Escape(node), Markup.Escape(end), Markup.Escape(whom), traffic is null ? "[red]no[/]" : $"{traffic.Active}",
            Sizes.Of(traffic?.BytesToPeers ?? 0), Sizes.Of(traffic?.BytesFromPeers ?? 0));
    }
}
