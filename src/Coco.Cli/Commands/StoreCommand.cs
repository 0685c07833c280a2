using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco store</c>: small entries that the nodes of a user, or of the network, keep together.</summary>
internal static class StoreCommand
{
    public static Command Make(Shell shell) =>
        new("store", "Keep small entries on all of a user's nodes, or of those the policy lets") { Put(shell), Get(shell), List(shell), Delete(shell), Watch(shell) };

    public static Option<string> Collection() =>
        new("--collection", "-c") { Description = "Which collection", HelpName = "NAME", DefaultValueFactory = static _ => "default" };

    public static Option<bool> Shared() => new("--shared") { Description = "The network's collection of that name, as the policy lets; otherwise the user's own" };

    private static Command Put(Shell shell)
    {
        var (key, collection, shared, network) = (Key(), Collection(), Shared(), CommonOptions.Network(shell));
        var text = new Argument<string?>("TEXT") { Description = "The value; without it, or with -, standard input", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string?>("--file") { Description = "Put what is in this file", HelpName = "FILE" };
        var replicas = new Option<int>("--replicas") { Description = "Wait until so many other nodes have it on their disks", HelpName = "COUNT" };
        return new Command("put", "Write an entry; it is on this node's disk when this returns") { key, text, file, replicas, collection, shared, network }
            .WithExamples("coco store put shopping/milk 2", "coco store put settings.json --file settings.json --replicas 1")
            .Runs(shell, async invocation =>
            {
                var wish = WishOf(invocation, collection, shared, invocation.Need(key)) with
                {
                    Data = await Payload.ReadAsync(invocation.Get(text), invocation.Get(file), invocation.Stopping), Replicas = invocation.Get(replicas),
                };
                var path = Route.To("/v1/store", ("network", invocation.Get(network)));
                invocation.Print(await invocation.WaitAsync("Waiting for other nodes", invocation.Daemon.PostAsync<StoreWish, Done>(path, wish, invocation.Stopping)), static _ => { });
            });
    }

    private static Command Get(Shell shell)
    {
        var (key, collection, shared, network) = (Key(), Collection(), Shared(), CommonOptions.Network(shell));
        return new Command("get", "Print an entry's value") { key, collection, shared, network }
            .WithExamples("coco store get shopping/milk", "coco store get shopping/milk --json")
            .Runs(shell, async invocation =>
            {
                var path = Route.To("/v1/store/get", ("network", invocation.Get(network)));
                var entry = await invocation.Daemon.PostAsync<StoreWish, EntryView>(path, WishOf(invocation, collection, shared, invocation.Need(key)), invocation.Stopping);
                invocation.Print(entry, _ => invocation.Output.WriteLine(entry.Text ?? Convert.ToHexStringLower(entry.Data)));
            });
    }

    private static Command Delete(Shell shell)
    {
        var (key, collection, shared, network) = (Key(), Collection(), Shared(), CommonOptions.Network(shell));
        return new Command("delete", "Delete an entry, everywhere") { key, collection, shared, network }
            .WithExamples("coco store delete shopping/milk")
            .Runs(shell, async invocation =>
            {
                var path = Route.To("/v1/store/delete", ("network", invocation.Get(network)));
                invocation.Print(await invocation.Daemon.PostAsync<StoreWish, Done>(path, WishOf(invocation, collection, shared, invocation.Need(key)), invocation.Stopping), static _ => { });
            });
    }

    private static Command List(Shell shell)
    {
        var (prefix, collection, shared, network) = (Prefix(), Collection(), Shared(), CommonOptions.Network(shell));
        return new Command("list", "Print the entries of a collection") { prefix, collection, shared, network }
            .WithExamples("coco store list", "coco store list shopping/ --json")
            .Runs(shell, async invocation =>
            {
                var path = Route.To("/v1/store/list", ("network", invocation.Get(network)));
                var wish = WishOf(invocation, collection, shared, invocation.Get(prefix) ?? "");
                await foreach (var entry in invocation.Daemon.LinesAsync<StoreWish, EntryView>(path, wish, invocation.Stopping)) { invocation.Print(entry, _ => Tell(invocation, entry)); }
            });
    }

    private static Command Watch(Shell shell)
    {
        var (prefix, collection, shared, network) = (Prefix(), Collection(), Shared(), CommonOptions.Network(shell));
        var count = new Option<int>("--count") { Description = "End after so many changes; 0 goes on until it is interrupted", HelpName = "COUNT" };
        return new Command("watch", "Print entries as they change, here or elsewhere") { prefix, count, collection, shared, network }
            .WithExamples("coco store watch", "coco store watch shopping/ --json")
            .Runs(shell, async invocation =>
            {
                var left = invocation.Get(count);
                var path = Route.To("/v1/store/watch", ("network", invocation.Get(network)));
                var wish = WishOf(invocation, collection, shared, invocation.Get(prefix) ?? "");
                try
                {
                    await foreach (var entry in invocation.Daemon.LinesAsync<StoreWish, EntryView>(path, wish, invocation.Stopping))
                    {
                        invocation.Print(entry, _ => Tell(invocation, entry));
                        await invocation.Output.FlushAsync(invocation.Stopping);
                        if (--left == 0) { return; }
                    }
                }
                catch (OperationCanceledException) when (invocation.Get(count) == 0)
                {
                    // That is how watching ends.
                }
            });
    }

    private static Argument<string> Key() => new("KEY") { Description = "The entry's key, such as shopping/milk" };

    private static Argument<string?> Prefix() => new("PREFIX") { Description = "What keys begin with; all without it", Arity = ArgumentArity.ZeroOrOne };

    private static StoreWish WishOf(Invocation invocation, Option<string> collection, Option<bool> shared, string key) =>
        new() { Collection = invocation.Get(collection)!, Shared = invocation.Get(shared), Key = key };

    private static void Tell(Invocation invocation, EntryView entry) =>
        invocation.Output.WriteLine(entry.Deleted ? $"{entry.Key} was deleted" : $"{entry.Key} {entry.Text ?? Convert.ToHexStringLower(entry.Data)}");
}
