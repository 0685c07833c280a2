using System.Runtime.CompilerServices;
using Coco.Cli.Api;

namespace Coco.Cli.Daemon;

/// <summary>Files to and from other nodes. The daemon reads and writes them as its user, so apps are not let at them this way.</summary>
internal static class FileEndpoints
{
    // Chosen: a bar that moves five times a second looks alive.
    public static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    public static void Map(ApiRoutes routes)
    {
        routes.Lines<FileWish, FileView>("/v1/files", static (call, wish) => SendAsync(call, wish, call.Aborted));
        routes.Lines<FilesWish, ReceivedFileView>("/v1/files/receive", static (call, wish) => ReceiveAsync(call, wish, call.Aborted));
    }

    private static async IAsyncEnumerable<FileView> SendAsync(ApiCall call, FileWish wish, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequireUser(call);
        var held = call.Network();
        await using var transfer = await held.Node.Messages.SendFileAsync(Words.NodeOf(held, wish.To), wish.Path, new() { Name = wish.Name }, cancellationToken);
        while (await Task.WhenAny(transfer.Completed, Task.Delay(Look, cancellationToken)) != transfer.Completed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new(transfer.Name, wish.To, transfer.Sent, transfer.Length, Done: false);
        }
        await transfer.Completed;
        yield return new(transfer.Name, wish.To, transfer.Length, transfer.Length, Done: true);
    }

    private static async IAsyncEnumerable<ReceivedFileView> ReceiveAsync(ApiCall call, FilesWish wish, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequireUser(call);
        var held = call.Network();
        await foreach (var file in held.Node.Messages.ReceiveFilesAsync(wish.Folder, cancellationToken: cancellationToken))
        {
            yield return new(Words.NameOf(held, file.From), $"{file.From}", file.Path, file.Length, Convert.ToHexStringLower(file.Sha256.Span));
        }
    }

    private static void RequireUser(ApiCall call)
    {
        if (!call.Caller.IsUser) { throw ApiException.Of(CocoError.NotPermitted, $"The app {call.Caller.App} may not have the daemon read or write files. Ask without COCO_TOKEN."); }
    }
}
