using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client;

namespace Coco.ControlPlane.Tests.Api;

public sealed class ProblemTests
{
    [Fact]
    public void All_that_clients_know_is_answered_but_what_shows_at_their_end_alone() => Assert.Equal(
        [ControlPlaneError.Unknown, ControlPlaneError.Unreachable, ControlPlaneError.BadAnswer, ControlPlaneError.RolledBack],
        Enum.GetValues<ControlPlaneError>().Where(static code => !Problems.IsAnswered(code)));

    [Theory]
    [InlineData(ControlPlaneError.NotFound, 404, "urn:coco:problem:not-found")]
    [InlineData(ControlPlaneError.StatementMissing, 422, "urn:coco:problem:statement-missing")]
    [InlineData(ControlPlaneError.IdempotencyKeyReused, 422, "urn:coco:problem:idempotency-key-reused")]
    public void Programs_go_by_the_type(ControlPlaneError code, int status, string type) => Assert.Equal((status, type), (Problems.StatusOf(code), Problems.TypeOf(code)));
}
