using Coco.Transport.Loop;
using Coco.Traversal.Roaming;

namespace Coco.Transport;

/// <summary>What tests and benchmarks ask of the core below.</summary>
public sealed partial class Endpoint
{
    /// <summary>Looks at the core, which only its own thread may touch; <paramref name="look"/> must not keep it.</summary>
    internal Task<T> AskAsync<T>(Func<RoamingEndpoint, T> look)
    {
        var question = new CoreQuestion<T>(_loop, look);
        return _loop.TryPost(question) ? question.Answer : Task.FromException<T>(Overloaded());
    }
}
