using System.Runtime.CompilerServices;
using Coco.Cli.Api;
using Coco.Data;

namespace Coco.Cli.Daemon;

/// <summary>Entries and blobs. Blobs come from files and go to files, which the daemon reads and writes as its user, so apps are not let at them this way.</summary>
internal static class StoreEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.Post<StoreWish, Done>(
            "/v1/store",
            static async (call, wish) =>
            {
                await Of(call, wish.Collection, wish.Shared).PutAsync(wish.Key, wish.Data, new() { Replicas = wish.Replicas }, call.Aborted);
                return new Done();
            });
        routes.Post<StoreWish, EntryView>("/v1/store/get", GetAsync, needsRoom: false);
        routes.Post<StoreWish, Done>(
            "/v1/store/delete",
            static async (call, wish) => await Of(call, wish.Collection, wish.Shared).DeleteAsync(wish.Key, new() { Replicas = wish.Replicas }, call.Aborted) ? new Done() : throw NotThere(wish),
            needsRoom: false);
        routes.Lines<StoreWish, EntryView>("/v1/store/list", static (call, wish) => ListAsync(call, wish, call.Aborted));
        routes.Lines<StoreWish, EntryView>("/v1/store/watch", static (call, wish) => WatchAsync(call, wish, call.Aborted));
        routes.Lines<BlobWish, BlobView>("/v1/blobs", static (call, wish) => AddAsync(call, wish, call.Aborted));
        routes.Lines<BlobWish, BlobView>("/v1/blobs/get", static (call, wish) => FetchAsync(call, wish, call.Aborted));
    }

    private static async Task<EntryView> GetAsync(ApiCall call, StoreWish wish) =>
        await Of(call, wish.Collection, wish.Shared).GetAsync(wish.Key, call.Aborted) is { } entry ? ViewOf(call.Network(), entry) : throw NotThere(wish);

    private static async IAsyncEnumerable<EntryView> ListAsync(ApiCall call, StoreWish wish, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var held = call.Network();
        await foreach (var entry in Of(call, wish.Collection, wish.Shared).ListAsync(wish.Key, cancellationToken)) { yield return ViewOf(held, entry); }
    }

    private static async IAsyncEnumerable<EntryView> WatchAsync(ApiCall call, StoreWish wish, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var held = call.Network();
        await using var changes = Of(call, wish.Collection, wish.Shared).WatchAsync(wish.Key, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var next = changes.MoveNextAsync();
        await call.Http.Response.StartAsync(cancellationToken); // the head says that nothing is missed from here on
        while (await next)
        {
            yield return changes.Current.Entry is { } entry ? ViewOf(held, entry) : new() { Key = changes.Current.Key, Deleted = true };
            next = changes.MoveNextAsync();
        }
    }

    private static async IAsyncEnumerable<BlobView> AddAsync(ApiCall call, BlobWish wish, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequireUser(call);
        Room.Require(call.Daemon.Places);
        var collection = Of(call, wish.Collection, wish.Shared);
        await using var file = new CountedStream(new FileStream(wish.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true));
        var adding = collection.AddBlobAsync(file, cancellationToken);
        await foreach (var through in FollowAsync(adding, file, cancellationToken)) { yield return new("", file.Length, wish.Path, through, Done: false); }
        var blob = await adding;
        var length = (await collection.StatAsync(blob, cancellationToken))!.Length;
        yield return new($"{blob}", length, wish.Path, length, Done: true);
    }

    // Beside its place first: half a file must not look like a whole one.
    private static async IAsyncEnumerable<BlobView> FetchAsync(ApiCall call, BlobWish wish, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequireUser(call);
        if (!BlobId.TryParse(wish.Blob, out var blob)) { throw ApiException.Of(CocoError.InvalidText, $"'{wish.Blob}' names no blob: 64 hexadecimal characters, as `coco blob add` prints them."); }
        var partial = wish.Path + ".coco-part";
        try
        {
            await using var source = new CountedStream(await Of(call, wish.Collection, wish.Shared).OpenBlobAsync(blob, cancellationToken));
            await using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                var copying = source.CopyToAsync(file, cancellationToken);
                await foreach (var through in FollowAsync(copying, source, cancellationToken)) { yield return new($"{blob}", source.Length, wish.Path, through, Done: false); }
                await copying;
            }
            File.Move(partial, wish.Path, overwrite: false);
            yield return new($"{blob}", source.Length, wish.Path, source.Length, Done: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    // How much was read, from time to time, until it is over one way or the other.
    private static async IAsyncEnumerable<long> FollowAsync(Task work, CountedStream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            while (await Task.WhenAny(work, Task.Delay(FileEndpoints.Look, cancellationToken)) != work && !cancellationToken.IsCancellationRequested) { yield return stream.Count; }
        }
        finally
        {
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // who asked may have gone: the file is to be closed after it
        }
    }

    private static DataCollection Of(ApiCall call, string collection, bool isShared) =>
        call.Network().Node.Store.Open(collection, isShared ? CollectionScope.Shared : CollectionScope.User);

    private static EntryView ViewOf(HeldNode held, DataEntry entry) => new()
    {
        Key = entry.Key, Writer = Words.NameOf(held, entry.Version.Writer), WriterId = $"{entry.Version.Writer}", Time = entry.Version.WrittenAt,
        Data = entry.Value.ToArray(), Text = Words.TextOf(entry.Value.Span),
    };

    private static ApiException NotThere(StoreWish wish) =>
        ApiException.Of(CocoError.NotFound, $"There is no {wish.Key} in the {(wish.Shared ? "shared" : "user's")} collection {wish.Collection} here. `coco store list` shows what is; what was written elsewhere comes when that node is within reach.");

    private static void RequireUser(ApiCall call)
    {
        if (!call.Caller.IsUser) { throw ApiException.Of(CocoError.NotPermitted, $"The app {call.Caller.App} may not have the daemon read or write files. Ask without COCO_TOKEN."); }
    }
}
