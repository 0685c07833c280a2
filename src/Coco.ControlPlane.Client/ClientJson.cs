using System.Text.Json.Serialization;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Client.Contracts.Installs;
using Coco.ControlPlane.Client.Contracts.Invitations;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Client.Contracts.Usage;
using Coco.ControlPlane.Client.Contracts.Webhooks;

namespace Coco.ControlPlane.Client;

/// <summary>How contracts are read and written at this end. Members that a later control plane adds are passed over.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ServiceView))]
[JsonSerializable(typeof(ChallengeView))]
[JsonSerializable(typeof(KeyProof))]
[JsonSerializable(typeof(CreateNetworkRequest))]
[JsonSerializable(typeof(AddStatementsRequest))]
[JsonSerializable(typeof(SignedRequest))]
[JsonSerializable(typeof(CreateNodeRequest))]
[JsonSerializable(typeof(ChangeView))]
[JsonSerializable(typeof(LinkView))]
[JsonSerializable(typeof(NetworkView))]
[JsonSerializable(typeof(Page<NetworkView>))]
[JsonSerializable(typeof(Page<StatementView>))]
[JsonSerializable(typeof(NodeView))]
[JsonSerializable(typeof(Page<NodeView>))]
[JsonSerializable(typeof(Page<SubClusterView>))]
[JsonSerializable(typeof(Page<RoleView>))]
[JsonSerializable(typeof(Page<DelegateView>))]
[JsonSerializable(typeof(Page<GrantView>))]
[JsonSerializable(typeof(PolicyView))]
[JsonSerializable(typeof(SettingsView))]
[JsonSerializable(typeof(Page<ControlPlaneView>))]
[JsonSerializable(typeof(CreateWebhookRequest))]
[JsonSerializable(typeof(WebhookView))]
[JsonSerializable(typeof(Page<WebhookView>))]
[JsonSerializable(typeof(Page<DeliveryView>))]
[JsonSerializable(typeof(WebhookEvent))]
[JsonSerializable(typeof(Page<InstallView>))]
[JsonSerializable(typeof(PlanRequest))]
[JsonSerializable(typeof(ExternalTokenRequest))]
[JsonSerializable(typeof(ExternalToken))]
[JsonSerializable(typeof(UsageView))]
[JsonSerializable(typeof(Page<NodeUsageView>))]
[JsonSerializable(typeof(CreateInvitationRequest))]
[JsonSerializable(typeof(InvitationView))]
[JsonSerializable(typeof(Page<InvitationView>))]
[JsonSerializable(typeof(InvitationStateView))]
[JsonSerializable(typeof(CreateInvitationNoteRequest))]
[JsonSerializable(typeof(CreateJoinRequest))]
[JsonSerializable(typeof(JoinStateView))]
[JsonSerializable(typeof(Page<JoinRequestView>))]
[JsonSerializable(typeof(AnswerJoinRequest))]
internal sealed partial class ClientJson : JsonSerializerContext;
