using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco blob</c>: large contents, known by what they contain, on the nodes that hold a collection.</summary>
internal static class BlobCommand
{
    public static Command Make(Shell shell) => new("blob", "Keep files, known by what is in them, on the nodes that hold a collection") { Add(shell), Get(shell) };

    private static Command Add(Shell shell)
    {
        var file = new Argument<string>("FILE") { Description = "The file" };
        var (collection, shared, network) = (StoreCommand.Collection(), StoreCommand.Shared(), CommonOptions.Network(shell));
        return new Command("add", "Keep what is in a file, and print what it is known by") { file, collection, shared, network }
            .WithExamples("coco blob add holiday.mp4", "coco blob add plan.pdf --shared --collection office")
            .Runs(shell, async invocation =>
            {
                var path = Path.GetFullPath(invocation.Need(file));
                if (!File.Exists(path)) { throw new CommandException(ExitCode.NotFound, $"There is no file {path}."); }
                var wish = new BlobWish(invocation.Get(collection)!, invocation.Get(shared), path);
                invocation.Print(await FollowAsync(invocation, Route.To("/v1/blobs", ("network", invocation.Get(network))), wish), view => invocation.Output.WriteLine(view.Blob));
            });
    }

    private static Command Get(Shell shell)
    {
        var blob = new Argument<string>("BLOB") { Description = "The blob, as `coco blob add` printed it" };
        var file = new Argument<string>("FILE") { Description = "The file to make; one that is there is left as it is" };
        var (collection, shared, network) = (StoreCommand.Collection(), StoreCommand.Shared(), CommonOptions.Network(shell));
        return new Command("get", "Write a blob to a file; what is not here comes from nodes that have it, checked") { blob, file, collection, shared, network }
            .WithExamples("coco blob get 5f70…9c holiday.mp4")
            .Runs(shell, async invocation =>
            {
                var path = Path.GetFullPath(invocation.Need(file));
                if (File.Exists(path)) { throw new CommandException(ExitCode.Failed, $"There is a file {path} already. Name another, or move it away."); }
                var wish = new BlobWish(invocation.Get(collection)!, invocation.Get(shared), path, invocation.Need(blob));
                var view = await FollowAsync(invocation, Route.To("/v1/blobs/get", ("network", invocation.Get(network))), wish);
                invocation.Print(view, _ => invocation.Output.WriteLine($"{view.Path}, {Sizes.Of(view.Length)}"));
            });
    }

    // As JSON there is one answer, at the end.
    private static Task<BlobView> FollowAsync(Invocation invocation, string route, BlobWish wish) =>
        TransferBar.FollowAsync(invocation, Path.GetFileName(wish.Path), invocation.Daemon.LinesAsync<BlobWish, BlobView>(route, wish, invocation.Stopping), static line => (line.Through, line.Length));
}
