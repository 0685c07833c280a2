using System.CommandLine;
using System.Globalization;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Coco.Cli.Control;
using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary><c>coco net control</c>: which control planes a network lists, and what they know of it.</summary>
internal static class NetControlCommand
{
    private const string Path = "/v1/control-planes";

    public static Command Make(Shell shell) => new("control", "Say which control planes a network uses, and bring it to them") { Add(shell), List(shell), Remove(shell), Register(shell) };

    private static Command Add(Shell shell)
    {
        var where = new Argument<string[]>("ADDRESS")
        {
            Description = "The control plane, such as https://control.example, or its relay alone, ID@ADDRESS:PORT,…", Arity = ArgumentArity.OneOrMore,
        };
        var network = CommonOptions.Network(shell);
        return new Command("add", "List control planes in the network: all members use their relays from then on") { where, network }
            .WithExamples("coco net control add https://control.example", "coco net control add ID@192.0.2.1:4433 --network home")
            .Runs(shell, async invocation =>
            {
                var list = await invocation.WaitAsync(
                    "Asking the control plane", invocation.Daemon.PostAsync<ControlPlaneWish, ControlPlaneList>(To(invocation, network), new(invocation.Need(where)), invocation.Stopping));
                invocation.Print(list, _ => Tell(invocation, list));
            });
    }

    private static Command List(Shell shell)
    {
        var network = CommonOptions.Network(shell);
        return new Command("list", "Show the control planes that the network lists") { network }.WithExamples("coco net control list").Runs(shell, async invocation =>
        {
            var list = await invocation.Daemon.GetAsync<ControlPlaneList>(To(invocation, network), invocation.Stopping);
            invocation.Print(list, _ => Tell(invocation, list));
        });
    }

    private static Command Remove(Shell shell)
    {
        var which = new Argument<string>("ADDRESS") { Description = "The control plane, by an address of it or the beginning of its key" };
        var network = CommonOptions.Network(shell);
        return new Command("remove", "List a control plane no more: members use their other ways") { which, network }
            .WithExamples("coco net control remove https://control.example")
            .Runs(shell, async invocation =>
            {
                var list = await invocation.Daemon.DeleteAsync<ControlPlaneList>(
                    Route.To(Path, ("network", invocation.Get(network)), ("which", invocation.Need(which))), invocation.Stopping);
                invocation.Print(list, _ => Tell(invocation, list));
            });
    }

    private static Command Register(Shell shell)
    {
        var where = new Argument<string>("URL") { Description = "The control plane" };
        var network = CommonOptions.Network(shell);
        return new Command(
            "register",
            $"Bring the network to a control plane, and later what is new in it, with the token in {ControlPlaneCall.TokenVariable}: its relay then serves the nodes within the network's plan. "
            + "What members signed is sent, no key and nothing else")
        {
            where, network,
        }
            .WithExamples($"{ControlPlaneCall.TokenVariable}=… coco net control register https://control.example", "coco net control add https://control.example   # from then on it is told what is new")
            .Runs(shell, async invocation =>
            {
                var control = invocation.Need(where);
                _ = ControlPlaneCall.OriginOf(control);
                var wish = new RegistrationWish(control, ControlPlaneCall.TokenOf(invocation.Shell, ControlPlaneCall.NetworksScope));
                var path = Route.To(Path + "/registrations", ("network", invocation.Get(network)));
                var done = await invocation.WaitAsync("Bringing the network", invocation.Daemon.PostAsync<RegistrationWish, RegistrationView>(path, wish, invocation.Stopping));
                invocation.Print(done, _ => Tell(invocation, done));
            });
    }

    private static string To(Invocation invocation, Option<string?> network) => Route.To(Path, ("network", invocation.Get(network)));

    private static void Tell(Invocation invocation, RegistrationView done) => invocation.Output.WriteLine(
        done is { IsNew: false, Statements: 0, Nodes: 0 }
            ? $"{done.Control} has all of network {done.Network} already."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{(done.IsNew ? $"Network {done.Network} is at {done.Control} now" : $"{done.Control} has what is new in network {done.Network}")}: statements {done.Statements}, nodes {done.Nodes}."));

    private static void Tell(Invocation invocation, ControlPlaneList list)
    {
        if (list.ControlPlanes.Count == 0)
        {
            invocation.Output.WriteLine($"network {list.Network} lists no control plane, and needs none: `coco net control add https://control.example` lists one");
            return;
        }
        var table = Tables.Of("KEY", "RELAY", "API");
        foreach (var plane in list.ControlPlanes)
        {
            table.AddRow(
                Tables.Short(plane.Id), Markup.Escape(string.Join(", ", plane.Url is { } url ? plane.Addresses.Append(url) : plane.Addresses)), Markup.Escape(plane.Api ?? ""));
        }
        invocation.Print(table);
    }
}
