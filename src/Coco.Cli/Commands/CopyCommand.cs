using System.CommandLine;
using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Commands;

/// <summary><c>coco cp</c> and <c>coco receive</c>: files of any size, checked, and resumed where they stopped.</summary>
internal static class CopyCommand
{
    public static Command Make(Shell shell)
    {
        var file = new Argument<string>("FILE") { Description = "The file" };
        var node = CommonArguments.Node(shell);
        var name = new Option<string?>("--name") { Description = "What it is to be called there", HelpName = "NAME" };
        var network = CommonOptions.Network(shell);
        return new Command("cp", "Send a file to a node where `coco receive` runs; sent again, it goes on where it stopped") { file, node, name, network }
            .WithExamples("coco cp holiday.mp4 kitchen", "coco cp report.pdf laptop --name report-2.pdf")
            .Runs(shell, async invocation =>
            {
                var path = Path.GetFullPath(invocation.Need(file));
                if (!File.Exists(path)) { throw new CommandException(ExitCode.NotFound, $"There is no file {path}."); }
                var wish = new FileWish(invocation.Need(node), path, invocation.Get(name));
                var lines = invocation.Daemon.LinesAsync<FileWish, FileView>(Route.To("/v1/files", ("network", invocation.Get(network))), wish, invocation.Stopping);
                await TransferBar.FollowAsync(invocation, Path.GetFileName(path), Printed(invocation, lines), static line => (line.Done ? line.Length : line.Sent, line.Length));
                if (!invocation.IsJson) { invocation.Output.WriteLine($"{Path.GetFileName(path)} is at {wish.To}, whole and checked."); }
            });
    }

    public static Command MakeReceive(Shell shell)
    {
        var folder = new Argument<string>("FOLDER") { Description = "Where files go", DefaultValueFactory = static _ => "." };
        var count = new Option<int>("--count", "-c") { Description = "End after so many files; 0 goes on until it is interrupted", HelpName = "COUNT" };
        var network = CommonOptions.Network(shell);
        return new Command("receive", "Take files that other nodes send by `coco cp`") { folder, count, network }
            .WithExamples("coco receive", "coco receive ~/Downloads --count 1")
            .Runs(shell, async invocation =>
            {
                var wish = new FilesWish(Path.GetFullPath(invocation.Get(folder)!));
                if (!Directory.Exists(wish.Folder)) { throw new CommandException(ExitCode.NotFound, $"There is no folder {wish.Folder}. Make it first."); }
                var left = invocation.Get(count);
                try
                {
                    var path = Route.To("/v1/files/receive", ("network", invocation.Get(network)));
                    await foreach (var one in invocation.Daemon.LinesAsync<FilesWish, ReceivedFileView>(path, wish, invocation.Stopping))
                    {
                        invocation.Print(one, _ => invocation.Output.WriteLine($"{one.Path} from {one.From}, {Sizes.Of(one.Length)}"));
                        await invocation.Output.FlushAsync(invocation.Stopping);
                        if (--left == 0) { return; }
                    }
                }
                catch (OperationCanceledException) when (invocation.Get(count) == 0)
                {
                    // That is how receiving ends.
                }
            });
    }

    private static async IAsyncEnumerable<FileView> Printed(Invocation invocation, IAsyncEnumerable<FileView> lines)
    {
        await foreach (var line in lines)
        {
            invocation.Print(line, static _ => { });
            yield return line;
        }
    }
}
